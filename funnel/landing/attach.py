"""`attach`: landed files as views of an open DuckDB connection, as known at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from duckdb import ColumnExpression, ConstantExpression, Expression, FunctionExpression, SQLExpression

from funnel.errors import UsageError
from funnel.landing.load import landed_before
from funnel.landing.manifest import Load, folder_of, read_loads
from funnel.landing.parse import column_types
from funnel.landing.rejects import TYPES as REJECT_TYPES
from funnel.landing.versions import KEY, aligned, current_rows, key_of, version_rows
from funnel.project import Project
from funnel.sources import Source, SourceTable, find_source

LOAD_TYPES = {
    "source": "VARCHAR",
    "load_id": "VARCHAR",
    "observed_at": "TIMESTAMP",
    "table_name": "VARCHAR",
    "file": "VARCHAR",
    "n_rows": "BIGINT",
    "n_changed": "BIGINT",
    "n_tombstones": "BIGINT",
    "n_rejects": "BIGINT",
}
CHANGE_TYPES = {
    "field": "VARCHAR",
    "old_value": "VARCHAR",
    "new_value": "VARCHAR",
    "previous_observed_at": "TIMESTAMP",
    "observed_at": "TIMESTAMP",
    "load_number": "INTEGER",
}
STEPS = "partition by _key order by load_number"


def attach(con: duckdb.DuckDBPyConnection, project: Project, *, known_at: datetime | None) -> datetime:
    """Make views on all that had been landed by `known_at` (naive: UTC; None: all), and return that instant.

    For each source a schema of its name, and for each of its tables
    - `<table>`: the latest version of each key, without rows that are gone,
    - `<table>_version`: all versions and tombstones, with load_id, load_number, observed_at, is_tombstone,
    - `<table>_change`, if columns are tracked: key, field, old_value, new_value, previous_observed_at,
      observed_at, load_number; one row per tracked value that differs between two versions of a row.
    Fills `run.load` (one row per load and table) and `run.reject` (one row per rejected row).

    UsageError if nothing was landed, or nothing by `known_at`.
    """
    landed = {name: read_loads(project, name) for name in landed_sources(project)}
    known = _known_at(project, landed, known_at)
    con.execute("create schema if not exists run")
    by_then = {name: [each for each in loads if each.observed_at <= known] for name, loads in landed.items()}
    for name, loads in by_then.items():
        if loads:
            _attach_source(con, find_source(project, name), folder_of(project, name), loads)
    _fill_runs(con, project, [load for loads in by_then.values() for load in loads])
    return known


def landed_sources(project: Project) -> list[str]:
    """Return the names of the sources that were landed, sorted."""
    return sorted(path.parent.name for path in project.landed.glob("*/manifest.json"))


def _known_at(project: Project, landed: Mapping[str, Sequence[Load]], known_at: datetime | None) -> datetime:
    loads = sorted(load.observed_at for each in landed.values() for load in each)
    if not loads:
        raise UsageError(f"Nothing is landed in {project.root}. Run `funnel land SOURCE PATH` first.")
    if known_at is None:
        return loads[-1]
    instant = known_at if known_at.tzinfo is None else known_at.astimezone(UTC).replace(tzinfo=None)
    if instant < loads[0]:
        raise UsageError(
            f"At {instant} UTC nothing had been landed: the first load was observed at {loads[0]} UTC. "
            "Choose a later instant for known_at."
        )
    return instant


def _attach_source(
    con: duckdb.DuckDBPyConnection, source: Source, folder: Path, loads: Sequence[Load]
) -> None:
    con.execute(f'create schema if not exists "{source.name}"')
    for table in source.tables.values():
        before = landed_before(folder, loads, table.name)
        if before.columns or not table.needed:
            types = {**column_types(source, table, table.declared), **dict(before.columns)}
            _views(con, source, table, before.files, types)


def _views(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    table: SourceTable,
    files: Sequence[Path],
    types: Mapping[str, str],
) -> None:
    relations = {
        f"{table.name}_version": version_rows(con, files, types),
        table.name: current_rows(con, files, types, table.key),
    }
    if table.tracked:
        relations[f"{table.name}_change"] = _changes(con, table, files, types)
    for name, relation in relations.items():
        con.execute(f'create or replace view "{source.name}"."{name}" as {relation.sql_query()}')


def _changes(
    con: duckdb.DuckDBPyConnection, table: SourceTable, files: Sequence[Path], types: Mapping[str, str]
) -> duckdb.DuckDBPyRelation:
    """Return the changes of tracked columns; only keys that a later load touched can have any."""
    shape = {**{name: types[name] for name in table.key}, **CHANGE_TYPES}
    tracked = {column: field for column, field in table.tracked.items() if column in types}
    if len(files) < 2 or not tracked:
        return aligned(con.sql("select null as nothing where false"), shape)
    touched = version_rows(con, files[1:], types).select(key_of(table.key).alias(KEY)).distinct()
    versions = version_rows(con, files, types).filter("not is_tombstone")
    keyed = versions.select(*map(ColumnExpression, versions.columns), key_of(table.key).alias(KEY))
    steps = keyed.join(touched, KEY, how="semi").select(
        *(ColumnExpression(name) for name in (*table.key, "observed_at", "load_number")),
        _lag("observed_at").alias("previous_observed_at"),
        _list([ConstantExpression(field) for field in tracked.values()]).alias("field"),
        _list([_lag(column).cast("VARCHAR") for column in tracked]).alias("old_value"),
        _list([ColumnExpression(column).cast("VARCHAR") for column in tracked]).alias("new_value"),
    )
    flat = steps.filter("previous_observed_at is not null").select(
        *(ColumnExpression(n) for n in (*table.key, "observed_at", "load_number", "previous_observed_at")),
        *(
            FunctionExpression("unnest", ColumnExpression(n)).alias(n)
            for n in ("field", "old_value", "new_value")
        ),
    )
    return aligned(flat.filter("old_value is distinct from new_value"), shape)


def _lag(column: str) -> Expression:
    return SQLExpression(f'lag("{column}") over ({STEPS})')


def _list(values: Sequence[Expression]) -> Expression:
    return FunctionExpression("list_value", *values)


def _fill_runs(con: duckdb.DuckDBPyConnection, project: Project, loads: Sequence[Load]) -> None:
    nothing = con.sql("select null as nothing where false")
    for name, types in (("load", LOAD_TYPES), ("reject", REJECT_TYPES)):
        con.execute(f"drop table if exists run.{name}")
        aligned(nothing, types).create(f"run.{name}")
    rows = [
        [
            *named,
            each.table,
            ", ".join(each.files),
            each.n_rows,
            each.n_changed,
            each.n_tombstones,
            each.n_rejects,
        ]
        for named, load in [((load.source, load.load_id, load.observed_at), load) for load in loads]
        for each in load.tables
    ]
    if rows:
        con.executemany("insert into run.load values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    files = [str(folder_of(project, load.source) / load.rejects) for load in loads if load.rejects]
    if files:
        aligned(con.read_parquet(files), REJECT_TYPES).insert_into("run.reject")
