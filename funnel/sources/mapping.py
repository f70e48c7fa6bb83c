"""Read the SQL files of a source: which staging table each fills, and which landed tables it reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from funnel.errors import InputError, did_you_mean
from funnel.sources.schema import SCHEMA
from funnel.sources.source import SourceTable, StagingSql

SUFFIXES = ("", "_version", "_change")
"""Views of a landed table: its rows as known, all their versions, and the changes of tracked columns."""


def read_mappings(folder: Path, source: str, tables: Mapping[str, SourceTable]) -> tuple[StagingSql, ...]:
    """Read `<staging table>.sql` and `<staging table>.<part>.sql`, in the order of the staging tables."""
    found = [_read(file, source, tables) for file in sorted(folder.glob("*.sql"))]
    order = list(SCHEMA)
    return tuple(sorted(found, key=lambda mapping: (order.index(mapping.table), mapping.part or "")))


def _read(file: Path, source: str, tables: Mapping[str, SourceTable]) -> StagingSql:
    title = f"{file.parent.name}/{file.name}"
    table, _, part = file.stem.partition(".")
    if table not in SCHEMA:
        raise InputError(
            f"{title}: there is no staging table '{table}'.{did_you_mean(table, SCHEMA)} "
            f"Name the file after one of: {', '.join(SCHEMA)}."
        )
    sql = file.read_text(encoding="utf-8")
    return StagingSql(table, part or None, file, sql, _reads(title, sql, source, tables))


def _reads(title: str, sql: str, source: str, tables: Mapping[str, SourceTable]) -> tuple[str, ...]:
    views = {f"{source}.{name}{suffix}": name for name in tables for suffix in SUFFIXES}
    named = _tables(title, sql)
    for name in named:
        if name not in views:
            raise InputError(
                f"{title} reads {name}, which this source does not land.{did_you_mean(name, views)} "
                f"Its tables: {', '.join(f'{source}.{table}' for table in tables)}."
            )
    return tuple(dict.fromkeys(views[name] for name in named))


@cache
def _tables(title: str, sql: str) -> tuple[str, ...]:
    import sqlglot
    from sqlglot import exp

    try:
        trees = sqlglot.parse(sql, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise InputError(f"{title} is not SQL that can be read: {str(error).splitlines()[0]}") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise InputError(f"{title} must hold one select and nothing else.")
    defined = {cte.alias for cte in trees[0].find_all(exp.CTE)}
    tables = [t for t in trees[0].find_all(exp.Table) if t.db or t.name not in defined]
    return tuple(dict.fromkeys(f"{t.db}.{t.name}" if t.db else t.name for t in tables))
