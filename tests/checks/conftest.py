"""The tables that checks read, with the columns of the real models; and whole projects for `run_checks`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from world import world

from funnel.checks.catalogue import all_checks
from funnel.checks.check import Check
from funnel.checks.thresholds import load_thresholds
from funnel.project import Project
from funnel.sources.schema import SCHEMA

LANDED = """
create or replace table run.load (
    source varchar, load_id varchar, observed_at timestamp, table_name varchar, file varchar,
    n_rows bigint, n_changed bigint, n_tombstones bigint, n_rejects bigint
);
create or replace table run.reject (
    source varchar, load_id varchar, observed_at timestamp, file varchar, line bigint, table_name varchar,
    reason varchar, raw varchar
);
create or replace table run.source_table (
    source varchar, staging_table varchar, state varchar, n_rows bigint
);
"""
Rows = list[dict[str, Any]]


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Rows) -> None:
    """Insert rows that state only the columns that matter."""
    for row in rows:
        marks = ", ".join("?" for _ in row)
        con.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a warehouse without a row of data, under the contract of `world`, as of 2026-07-01."""
    con = world(tmp_path_factory.mktemp("contracts"))
    con.execute(LANDED)
    con.execute("attach ':memory:' as checks")
    con.execute("create table checks.threshold (name varchar, value double, unit varchar, meaning varchar)")
    for limit in load_thresholds(Path("none")):
        con.execute("insert into checks.threshold values (?, ?, ?, ?)", list(vars(limit).values()))
    yield con
    con.close()


@pytest.fixture(scope="session")
def known() -> dict[str, Check]:
    """Return all checks by name."""
    return {check.name: check for check in all_checks()}


@pytest.fixture
def failing(
    empty: duckdb.DuckDBPyConnection, known: dict[str, Check]
) -> Callable[..., list[tuple[str, str]]]:
    """Return what a check of one rule finds among stated rows: `failing("name", core__person=[{...}])`."""

    def find(name: str, **tables: Rows) -> list[tuple[str, str]]:
        [rule] = known[name].rules
        empty.begin()
        try:
            for table, rows in tables.items():
                insert(empty, table.replace("__", "."), rows)
            return sorted(empty.execute(rule.failing).fetchall())
        finally:
            empty.rollback()

    return find


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """Return a project with a warehouse derived from staging rows, landed the day before as_of."""

    def make(**tables: Rows) -> Project:
        for folder in ("contracts", "data"):
            (tmp_path / folder).mkdir(exist_ok=True)
        con = world(tmp_path / "contracts", **tables)
        con.execute(LANDED)
        load = {"source": "crm", "load_id": "l1", "observed_at": "2026-06-30 12:00:00", "table_name": "lead"}
        counted = {"file": "lead.csv", "n_rows": 2, "n_changed": 2, "n_tombstones": 0, "n_rejects": 0}
        insert(con, "run.load", [load | counted])
        filled = [{"source": "crm", "staging_table": t, "state": state(t, tables)} for t in SCHEMA]
        insert(con, "run.source_table", filled)
        write(con, tmp_path / "data" / "warehouse.duckdb")
        return Project(tmp_path)

    return make


def state(table: str, filled: dict[str, Rows]) -> str:
    """Say what a build says of a staging table."""
    return "filled" if table in filled else "not in this source"


def write(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Write an in-memory warehouse to `file` and close it."""
    file.unlink(missing_ok=True)
    con.execute(f"attach '{file}' as written")
    con.execute("copy from database memory to written")
    con.close()
