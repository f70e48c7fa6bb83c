"""What an edition reported: its instants, its contract, and its tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from funnel.errors import InputError, UsageError, did_you_mean
from funnel.project import Project


@dataclass(frozen=True)
class Reported:
    """An edition as it was made: instants in naive UTC, `contracts` the versions then known."""

    name: str
    folder: Path
    as_of: datetime
    known_at: datetime
    contract: str
    contracts: tuple[str, ...]

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the edition; InputError if the file is not there or cannot be read."""
        path = self.folder / "tables" / f"{name}.parquet"
        try:
            with duckdb.connect() as con:
                frame: pd.DataFrame = con.read_parquet(str(path)).df()
                return frame
        except duckdb.Error as error:
            raise InputError(
                f"The table {path} of the edition {self.name} cannot be read: {error}"
            ) from error


def reported(project: Project, name: str) -> Reported:
    """Return the edition in `reports/<name>`; UsageError naming the nearest and all if there is none."""
    folder = project.reports / name
    known = sorted(path.parent.name for path in project.reports.glob("[0-9]*/edition.json"))
    if name not in known:
        listed = f" Editions: {', '.join(known)}." if known else " There is none yet."
        raise UsageError(
            f"There is no edition '{name}' in {project.reports}.{did_you_mean(name, known)}{listed}"
        )
    try:
        record = json.loads((folder / "edition.json").read_text(encoding="utf-8"))
        as_of, known_at = (
            datetime.fromisoformat(record[key]).replace(tzinfo=None) for key in ("as_of", "known_at")
        )
        return Reported(name, folder, as_of, known_at, record["contract"], tuple(record["contracts"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / 'edition.json'} is no record of an edition: {error!r}.") from error
