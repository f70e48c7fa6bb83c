"""Run the SQL of the source folders: landed tables in, the staging tables out."""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb
from duckdb import ColumnExpression, ConstantExpression

from funnel.errors import InputError, did_you_mean
from funnel.project import Project
from funnel.sources.find import list_sources
from funnel.sources.schema import SCHEMA, STAGING
from funnel.sources.source import Source, StagingSql

MISSING = re.compile(r'(?:Referenced column "|does not have a column named ")(?:\w+\.)?(\w+)"')
FILLED, NOT_LANDED, NOT_IN_SOURCE = "filled", "not landed", "not in this source"


def create_staging(con: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Create schema `staging` from the sources attached to `con` (see `funnel.landing.attach`).

    All tables of `STAGING` are made, empty where no source fills them. `run.source_table` says why: source,
    staging_table, state ('filled', 'not landed', 'not in this source'), n_rows. A table that stays empty
    while a file that its mappings read is missing was not landed, even if they could do without that file.

    InputError names file, table and the nearest column when a mapping gives a column that staging does not
    have, lacks a required one, reads a column that was not landed, or gives a value of the wrong type.
    """
    con.execute("create schema if not exists staging")
    con.execute("create schema if not exists run")
    con.execute(
        "create or replace table run.source_table "
        "(source varchar, staging_table varchar, state varchar, n_rows bigint)"
    )
    views, landed = _views(con), _landed(con)
    sources = list_sources(project, names=views)
    for table in SCHEMA:
        _create(con, table)
        for source in sources:
            _fill(con, table, source, views[source.name], landed.get(source.name, set()))


def _views(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    rows = con.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall()
    for schema, view in rows:
        found.setdefault(schema, set()).add(view)
    return found


def _landed(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for source, table in con.execute("select distinct source, table_name from run.load").fetchall():
        found.setdefault(source, set()).add(table)
    return found


def _create(con: duckdb.DuckDBPyConnection, table: str) -> None:
    nothing = con.sql("select null as nothing where false")
    columns = [ConstantExpression(None).cast(kind).alias(name) for name, kind in STAGING[table].items()]
    con.execute(f"drop table if exists staging.{table}")
    nothing.select(*columns).create(f"staging.{table}")


def _fill(
    con: duckdb.DuckDBPyConnection, table: str, source: Source, views: set[str], landed: set[str]
) -> None:
    parts = [mapping for mapping in source.mappings if mapping.table == table]
    n_rows = sum(_insert(con, mapping, source) for mapping in parts if views.issuperset(mapping.reads))
    filled = n_rows or any(landed.issuperset(mapping.reads) for mapping in parts)
    state = FILLED if filled else NOT_LANDED if parts else NOT_IN_SOURCE
    con.execute("insert into run.source_table values (?, ?, ?, ?)", [source.name, table, state, n_rows])


def _insert(con: duckdb.DuckDBPyConnection, mapping: StagingSql, source: Source) -> int:
    try:
        rows = con.sql(mapping.sql)
        given = _given(mapping, rows.columns)
        columns = [
            (ColumnExpression(name) if name in given else ConstantExpression(None)).cast(kind).alias(name)
            for name, kind in STAGING[mapping.table].items()
            if name != "source"
        ]
        before = _count(con, mapping.table)
        rows.select(ConstantExpression(source.name).alias("source"), *columns).insert_into(
            f"staging.{mapping.table}"
        )
        return _count(con, mapping.table) - before
    except duckdb.Error as error:
        raise InputError(_told(con, mapping, source, str(error))) from error


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return len(con.table(f"staging.{table}"))


def _given(mapping: StagingSql, columns: Iterable[str]) -> set[str]:
    table = SCHEMA[mapping.table]
    given = set(columns)
    for name in columns:
        if name not in table.columns:
            raise InputError(
                f"{mapping.title} gives a column '{name}', which staging.{table.name} does not have."
                f"{did_you_mean(name, table.columns)} Its columns: {', '.join(table.columns)}."
            )
    for name in table.required:
        if name not in given:
            raise InputError(
                f"{mapping.title} does not give the column '{name}', which staging.{table.name} needs."
                f"{did_you_mean(name, given)} Add `... as {name}`."
            )
    return given


def _told(con: duckdb.DuckDBPyConnection, mapping: StagingSql, source: Source, message: str) -> str:
    """Say what failed: a column that was not landed gets the nearest one, the rest is in DuckDB's words."""
    first = message.strip().splitlines()[0]
    missing = MISSING.search(first)
    if missing is None:
        return f"{mapping.title} failed (staging.{mapping.table}): {first}"
    landed = {name: con.table(f"{source.name}.{name}").columns for name in mapping.reads}
    near = did_you_mean(missing[1], [column for columns in landed.values() for column in columns])
    listed = "; ".join(f"{source.name}.{table}: {', '.join(names)}" for table, names in landed.items())
    return (
        f"{mapping.title} (staging.{mapping.table}) reads a column '{missing[1]}', which was not landed."
        f"{near} Landed columns of {listed}."
    )
