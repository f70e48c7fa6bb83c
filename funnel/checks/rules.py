"""The kinds of rule: an expectation, and beside it the query for all rows that break it.

The queries are made with SQLAlchemy, so names are quoted and values escaped by it and not by us.
Each function takes `table` as "schema.table" and `key`, the columns that name a row to a reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from funnel.checks.check import Rule
from funnel.checks.dialect import Dialect

_A_COLON_THAT_LOOKS_LIKE_A_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")


def query(sql: str) -> Rule:
    """Require that `sql` finds no row; it selects `row_key` and `detail`."""
    # {batch} must be named or Great Expectations prints; in a comment of its own it leaves the query free
    # to read any table, and to end in a comment too
    escaped = sql.rstrip().replace("{", "{{").replace("}", "}}")
    escaped = _A_COLON_THAT_LOOKS_LIKE_A_PARAMETER.sub(r"\\:", escaped)
    return Rule("ExpectNoRows", sql, {"unexpected_rows_query": f"{escaped}\n/* of {{batch}} */"})


def not_null(table: str, key: Sequence[str], column: str) -> Rule:
    """Require that `column` is never null."""
    source = _table(table, *key, column)
    failing = _rows(source, key, sa.literal(f"{column} is empty")).where(source.c[column].is_(None))
    return Rule("ExpectColumnValuesToNotBeNull", _text(failing), {"column": column})


def unique(table: str, columns: Sequence[str]) -> Rule:
    """Require that no two rows share `columns`; rows in which one of them is null are left to `not_null`.

    The failing rows are the keys that are shared, one row each.
    """
    source = _table(table, *columns)
    names = [source.c[name] for name in columns]
    shared = sa.literal("shared by ").concat(_said(sa.func.count())).concat(sa.literal(" rows"))
    known = sa.and_(*(name.is_not(None) for name in names))
    failing = _text(_rows(source, columns, shared).where(known).group_by(*names).having(sa.func.count() > 1))
    if len(columns) > 1:
        # the library's own for compound keys joins the table to itself: three times the work
        return query(failing)
    return Rule("ExpectColumnValuesToBeUnique", failing, {"column": columns[0]})


def accepted(table: str, key: Sequence[str], column: str, values: Sequence[str]) -> Rule:
    """Require that `column` is null or one of `values`, spelled so."""
    source = _table(table, *key, column)
    asked = source.c[column]
    detail = sa.literal(f"{column} is ").concat(_said(asked))
    failing = _rows(source, key, detail).where(asked.is_not(None), asked.not_in(list(values)))
    arguments = {"column": column, "value_set": list(values)}
    return Rule("ExpectColumnValuesToBeInSet", _text(failing), arguments)


def between(table: str, key: Sequence[str], column: str, low: float | None, high: float | None) -> Rule:
    """Require that `column` is null or within [low, high]; a bound of None is none."""
    source = _table(table, *key, column)
    asked = source.c[column]
    beyond = [asked < low] if low is not None else []
    beyond += [asked > high] if high is not None else []
    detail = sa.literal(f"{column} is ").concat(_said(asked))
    failing = _rows(source, key, detail).where(sa.or_(*beyond))
    arguments = {"column": column, "min_value": low, "max_value": high}
    return Rule("ExpectColumnValuesToBeBetween", _text(failing), arguments)


def row_count(table: str, low: int, high: int | None = None) -> Rule:
    """Require between `low` and `high` rows; the one failing row is the table itself."""
    n_rows = sa.func.count()
    wrong = sa.or_(n_rows < low, n_rows > high) if high is not None else n_rows < low
    detail = sa.literal("rows: ").concat(_said(n_rows))
    row_key = sa.literal(table).label("row_key")
    failing = sa.select(row_key, detail.label("detail")).select_from(_table(table)).having(wrong)
    return Rule("ExpectTableRowCountToBeBetween", _text(failing), {"min_value": low, "max_value": high})


def refers(
    table: str, key: Sequence[str], columns: Sequence[str], parent: str, parent_columns: Sequence[str]
) -> Rule:
    """Require a row of `parent` with equal `parent_columns` where the last of `columns` is set."""
    return query(_text(_lost(table, key, columns, parent, parent_columns)))


def refers_within_source(
    table: str, key: Sequence[str], column: str, parent: str, parent_column: str
) -> Rule:
    """Require the same between two staging tables, of those sources that fill the parent."""
    told = _table("run.source_table", "source", "staging_table", "state")
    is_filled = sa.and_(told.c.staging_table == parent.split(".")[1], told.c.state == "filled")
    lost = _lost(table, key, ("source", column), parent, ("source", parent_column))
    return query(_text(lost.where(sa.column("source").in_(sa.select(told.c.source).where(is_filled)))))


def _lost(
    table: str, key: Sequence[str], columns: Sequence[str], parent: str, parent_columns: Sequence[str]
) -> sa.Select[str, str]:
    source, target = _table(table, *key, *columns), _table(parent, *parent_columns).alias("parent")
    pairs = list(zip(columns, parent_columns, strict=True))
    found = sa.exists(sa.literal(1)).where(*(target.c[theirs] == source.c[ours] for ours, theirs in pairs))
    asked = source.c[columns[-1]]
    detail = sa.literal(f"{columns[-1]} ").concat(_said(asked)).concat(sa.literal(f" is not in {parent}"))
    return _rows(source, key, detail).where(asked.is_not(None), ~found)


def _table(table: str, *columns: str) -> sa.TableClause:
    schema, name = table.split(".")
    return sa.table(name, *(sa.column(column) for column in dict.fromkeys(columns)), schema=schema)


def _said(value: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.cast(value, sa.String)


def _rows(source: sa.TableClause, key: Sequence[str], detail: sa.ColumnElement[str]) -> sa.Select[str, str]:
    parts = [sa.func.coalesce(_said(source.c[name]), "(empty)") for name in key]
    row_key: sa.ColumnElement[str] = parts[0]
    for part in parts[1:]:
        row_key = row_key.concat(sa.literal(" | ")).concat(part)
    return sa.select(row_key.label("row_key"), detail.label("detail")).select_from(source)


def _text(select: sa.ClauseElement) -> str:
    return str(select.compile(dialect=Dialect(), compile_kwargs={"literal_binds": True}))
