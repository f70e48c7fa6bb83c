"""Run all checks on a project's warehouse and swap in the file of what they found."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from funnel.checks.report import CheckReport
from funnel.errors import UsageError
from funnel.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnel.checks.check import Check


def run_checks(project: Project) -> CheckReport:
    """Judge the warehouse of `project` and write `data/checks.duckdb`.

    The warehouse is only read. The file is made beside the old one and swapped in by rename, so a crash
    leaves the old one whole. Limits come from `checks.yaml` of the project, where there is one.
    UsageError if there is no warehouse or another run is at work; InputError for a wrong `checks.yaml`.
    """
    from funnel.checks.catalogue import all_checks

    return run_these(project, all_checks())


def run_these(project: Project, checks: Sequence[Check]) -> CheckReport:
    """Judge only `checks`; otherwise as `run_checks`."""
    from funnel.checks.record import fill
    from funnel.checks.thresholds import thresholds_of

    thresholds = thresholds_of(project)
    if not project.warehouse.is_file():
        raise UsageError(
            f"There is no warehouse at {project.warehouse}. Run `funnel build --as-of DATE` first."
        )
    with _alone(project), _aside(project.checks) as file:
        with closing(_connect(project.warehouse, file)) as con:
            build_id, results = fill(con, checks, thresholds)
            con.execute("use memory")
            con.execute("detach checks")
        file.replace(project.checks)
    return CheckReport(build_id, results, project.checks)


def _connect(warehouse: Path, checks: Path) -> duckdb.DuckDBPyConnection:
    spill = {"temp_directory": f"{checks}.spill"}
    con = duckdb.connect(config={"python_enable_replacements": "false", **spill})
    con.execute(f"attach {_quoted(warehouse)} as warehouse (read_only)")
    con.execute(f"attach {_quoted(checks)} as checks")
    con.execute("use warehouse")
    return con


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"


@contextmanager
def _alone(project: Project) -> Iterator[None]:
    with (project.checks.parent / ".checks.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"Checks are already running in {project.root}. Wait until they are done."
            ) from error
        yield


@contextmanager
def _aside(file: Path) -> Iterator[Path]:
    """Yield a path for the new file; what a killed run left there is removed, before and after."""
    new = file.with_name(".checks-new.duckdb")
    _remove(new)
    try:
        yield new
    finally:
        _remove(new)


def _remove(new: Path) -> None:
    for left in sorted(new.parent.glob(f"{new.name}*")):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
