"""Exports from stated rows: files as a CRM writes them, landed for real, staging made from them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from funnel.landing import attach, land
from funnel.project import Project
from funnel.sources import create_staging, scaffold

Rows = Sequence[Mapping[str, Any]]
Files = Mapping[str, Rows]
FIRST = "2026-06-01 00:00:00"


def write(folder: Path, files: Files) -> Path:
    """Write each file as CSV: its columns are those of all its rows, and what a row lacks is empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, given in files.items():
        columns = list(dict.fromkeys(column for row in given for column in row))
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(given)
    return folder


def stage(root: Path, source: str, *loads: Files, observed: Sequence[str] = ()) -> duckdb.DuckDBPyConnection:
    """Land the loads, one a week from 1 June 2026 on or as `observed` says, and return a connection with staging."""
    scaffold(root / "project", source)
    project = Project(root / "project")
    instants = observed or [f"2026-06-{1 + 7 * number:02d} 00:00:00" for number in range(len(loads))]
    for number, (files, instant) in enumerate(zip(loads, instants, strict=True)):
        export = write(root / f"export {number}", files)
        land(project, source, export, observed_at=datetime.fromisoformat(instant))
    return staging(project)


def staging(project: Project) -> duckdb.DuckDBPyConnection:
    """Return an open connection with staging made of all that is landed."""
    con = duckdb.connect(config={"python_enable_replacements": "false"})
    attach(con, project, known_at=None)
    create_staging(con, project)
    return con


def read(con: duckdb.DuckDBPyConnection, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return these columns of a staging table, instants as text, in order of all of them."""
    given = con.table(f"staging.{table}").types
    kinds = dict(zip(con.table(f"staging.{table}").columns, map(str, given), strict=True))
    texts = [f"cast({name} as varchar)" if kinds[name] in ("TIMESTAMP", "DATE") else name for name in columns]
    return con.execute(f"select {', '.join(texts)} from staging.{table} order by all").fetchall()


def states(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return what is said of each staging table: filled, not landed, or not in this source."""
    return dict(con.execute("select staging_table, state from run.source_table").fetchall())
