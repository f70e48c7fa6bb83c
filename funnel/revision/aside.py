"""A warehouse built aside: what would stand under other instants, contracts, or knowledge."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from duckdb import DuckDBPyConnection

from funnel import landing, warehouse
from funnel.contract import load_contract
from funnel.errors import UsageError, did_you_mean
from funnel.project import Project


@dataclass(frozen=True)
class Setting:
    """What a warehouse is built for; instants are naive UTC.

    `contracts` names the versions to build under: one alone holds for all time. `settled_at`: of what came
    after it only new rows count (`funnel.landing.keep_only_new_keys`).
    """

    as_of: datetime
    known_at: datetime
    contracts: tuple[str, ...]
    settled_at: datetime | None = None


@contextmanager
def built_aside(
    project: Project, setting: Setting, *, told: Callable[[str], None] = lambda name: None
) -> Iterator[DuckDBPyConnection]:
    """Build a warehouse in a temporary folder, yield a read-only connection, and remove it; all else stays.

    UsageError for a contract version that the project does not hold.
    """
    with TemporaryDirectory(prefix="funnel-") as folder:
        other = Project(Path(folder))
        (other.root / "data").mkdir()
        _copy_contracts(project, other, setting.contracts)
        if project.sources.is_dir():
            other.sources.symlink_to(project.sources)
        if setting.settled_at is None:
            other.landed.symlink_to(project.landed)
        else:
            landing.keep_only_new_keys(project, other.landed, settled_at=setting.settled_at)
        warehouse.build(other, as_of=setting.as_of, known_at=setting.known_at, told=told)
        con = warehouse.connect(other.warehouse)
        try:
            yield con
        finally:
            con.close()


def _copy_contracts(project: Project, other: Project, versions: Sequence[str]) -> None:
    files = sorted(path for path in project.contracts.glob("*") if path.suffix in (".yaml", ".yml"))
    held = {load_contract(path).version: path for path in files}
    other.contracts.mkdir()
    for version in versions:
        if version not in held:
            raise UsageError(
                f"There is no contract version '{version}' in {project.contracts}."
                f"{did_you_mean(version, held)} Versions: {', '.join(held)}."
            )
        shutil.copy2(held[version], other.contracts / held[version].name)
