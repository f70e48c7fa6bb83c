"""Typed columns from text: one DuckDB expression per column, and a sentence for each value that fails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import CaseExpression, ColumnExpression, ConstantExpression, Expression, FunctionExpression

from funnel.landing.rows import LINE, Rows
from funnel.sources import TYPES, ColumnType, Csv, Source, SourceTable

MACROS = (Path(__file__).parent / "macros.sql").read_text(encoding="utf-8")
BAD, RAW = "_bad", "_raw"
WORDS = {
    "integer": "a whole number (decimal mark '{mark}')",
    "double": "a number (decimal mark '{mark}')",
    "decimal": "a number (decimal mark '{mark}')",
    "boolean": "true or false",
    "date": "a date ({form})",
    "day": "a date ({form})",
    "timestamp": "an instant with its time of day ({form}); where days are meant, the type is moment",
    "moment": "a date or an instant ({form})",
}
FORMS = {"date": "YYYY-MM-DD", "day": "YYYY-MM-DD"}
NUMBERS = ("integer", "double", "decimal")
HOURS = ("%H", "%I", "%X", "%c")


def precision_column(column: str) -> str:
    """Return the column that says how exactly a moment is known: created_at -> created_precision."""
    return f"{column.removesuffix('_at')}_precision"


def column_types(source: Source, table: SourceTable, columns: Sequence[str]) -> dict[str, str]:
    """Return landed column -> DuckDB type for columns of a file; a moment brings its precision along."""
    found: dict[str, str] = {}
    for name in columns:
        kind = source.column_type(table, name).kind
        found[name] = TYPES[kind]
        if kind == "moment":
            found.setdefault(precision_column(name), "VARCHAR")
    return found


@dataclass(frozen=True)
class Reader:
    """How the columns of one table are read: their types, the marks of numbers, the zone of days."""

    source: Source
    table: SourceTable
    csv: Csv
    day_zone: str

    def parse(self, rows: Rows) -> duckdb.DuckDBPyRelation:
        """Return the rows typed, with `_line`, `_bad` (what cannot be read; null if all can) and `_raw`.

        `_raw` is null where the file itself is asked for the text of a row.
        """
        texts = [self._text(ColumnExpression(name)).alias(name) for name in rows.columns]
        bad = _call("nullif", self._complaints(rows), ConstantExpression(""))
        typed = [column for name in rows.columns for column in self._typed(name, rows)]
        cleaned = rows.relation.select(*texts, ColumnExpression(LINE))
        return cleaned.select(*typed, ColumnExpression(LINE), bad.alias(BAD), _raw(rows, bad).alias(RAW))

    def _text(self, column: Expression) -> Expression:
        text = _call("landed_text", column)
        nulls = "|".join(map(re.escape, self.source.nulls))
        return _call("landed_word", text, ConstantExpression(nulls)) if nulls else text

    def _typed(self, name: str, rows: Rows) -> list[Expression]:
        kind = self.source.column_type(self.table, name)
        value = self._value(kind, ColumnExpression(name)).alias(name)
        precision = precision_column(name)
        if kind.kind == "moment" and precision not in rows.columns:
            return [value, _precision(kind, ColumnExpression(name)).alias(precision)]
        return [value]

    def _value(self, kind: ColumnType, text: Expression) -> Expression:
        if kind.kind == "text":
            return text
        if kind.kind in NUMBERS:
            return _call(f"landed_{kind.kind}", text, *self._marks())
        if not kind.formats:
            zone = [ConstantExpression(self.day_zone)] if kind.kind == "day" else []
            return _call(f"landed_{kind.kind}", text, *zone)
        return self._by_formats(kind, text)

    def _by_formats(self, kind: ColumnType, text: Expression) -> Expression:
        formats = ConstantExpression(list(kind.formats))
        if kind.kind == "date":
            return _call("landed_date_by", text, formats)
        zone = ConstantExpression(self.day_zone if kind.kind == "day" else self.source.zone)
        return _call("landed_day_by" if kind.kind == "day" else "landed_moment_by", text, formats, zone)

    def _marks(self) -> list[Expression]:
        mark, thousands = re.escape(self.csv.decimal), self.csv.thousands
        grouped = rf"\d{{1,3}}({re.escape(thousands)}\d{{3}})+|" if thousands else ""
        shape = rf"[-+]?({grouped}\d+)?({mark}\d*)?([eE][-+]?\d+)?"
        return [ConstantExpression(each) for each in (shape, thousands or "", self.csv.decimal)]

    def _complaints(self, rows: Rows) -> Expression:
        said = [self._complaint(name) for name in rows.columns]
        missing = [_empty_key(name) for name in self.table.key]
        return _call(
            "concat_ws", ConstantExpression("; "), *missing, *(each for each in said if each is not None)
        )

    def _complaint(self, name: str) -> Expression | None:
        kind = self.source.column_type(self.table, name)
        if kind.kind not in WORDS:
            return None
        form = " or ".join(kind.formats) or FORMS.get(kind.kind, "YYYY-MM-DD HH:MM:SS")
        what = WORDS[kind.kind].format(mark=self.csv.decimal, form=form)
        text = ColumnExpression(name)
        words = (ConstantExpression(name), ConstantExpression(what))
        return _call("unread", text, self._value(kind, text), *words)


def _call(name: str, *arguments: Expression) -> Expression:
    return FunctionExpression(name, *arguments)


def _precision(kind: ColumnType, text: Expression) -> Expression:
    if not kind.formats:
        return _call("precision_of", text)
    days = [each for each in kind.formats if not any(hour in each for hour in HOURS)]
    if days:
        return _call("precision_by", text, ConstantExpression(days))
    return CaseExpression(text.isnotnull(), ConstantExpression("second"))


def _empty_key(name: str) -> Expression:
    empty = ConstantExpression(f"{name}, the key, is empty")
    return CaseExpression(ColumnExpression(name).isnull(), empty)


def _raw(rows: Rows, bad: Expression) -> Expression:
    if rows.find:
        return ConstantExpression(None).cast("VARCHAR")
    pairs = [part for name in rows.columns for part in (ConstantExpression(name), ColumnExpression(name))]
    return CaseExpression(bad.isnotnull(), _call("json_object", *pairs).cast("VARCHAR"))
