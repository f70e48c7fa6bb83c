"""The columns of an input: their names in one spelling, and what source.yaml expects of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from funnel.errors import InputError, did_you_mean
from funnel.landing.locate import Input
from funnel.landing.textfile import DELIMITERS
from funnel.sources import Source, SourceTable, snake

STAMPS = {
    "load_id": "VARCHAR",
    "load_number": "INTEGER",
    "observed_at": "TIMESTAMP",
    "is_tombstone": "BOOLEAN",
}
"""Columns that landing adds to every row, and their types."""


def name_columns(
    source: Source, given: Input, written: Sequence[str], delimiter: str | None
) -> dict[str, str]:
    """Return landed name -> name as written, in the order of the file.

    InputError if there is no header, a name comes twice, a column that source.yaml names is missing, or the
    table is closed and has a column that is not declared.
    """
    table = source.tables[given.table]
    if not any(written):
        missing = "has no header: its first row should name the columns"
        what = "holds no JSON object" if given.kind == "json" else missing
        raise InputError(f"{given.label} {what}.")
    names = [snake(name) or f"column_{number}" for number, name in enumerate(written, start=1)]
    _refuse_double(given, names, written)
    _refuse_missing(source, given, table, names, written, delimiter)
    if table.closed:
        _refuse_unknown(source, given, table, names)
    return dict(zip(names, written, strict=True))


def _refuse_double(given: Input, names: Sequence[str], written: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            same = [old for new, old in zip(names, written, strict=True) if new == name]
            raise InputError(f"{given.label} has the column '{name}' {len(same)} times: {', '.join(same)}.")
        if name in STAMPS:
            raise InputError(f"{given.label} has a column '{name}', a name of landing's own. Rename it.")


def _refuse_missing(
    source: Source,
    given: Input,
    table: SourceTable,
    names: Sequence[str],
    written: Sequence[str],
    delimiter: str | None,
) -> None:
    for name in table.expected:
        if name not in names:
            what = "key column" if name in table.key else "column"
            raise InputError(
                f"{given.label} has no {what} '{name}' (table {table.name} of the source {source.name})."
                f"{_hint(written, delimiter) or did_you_mean(name, names)} Its columns: {_some(written)}."
            )


def _hint(written: Sequence[str], delimiter: str | None) -> str:
    """Say it when the header looks as if another delimiter had written it."""
    others = [mark for mark in DELIMITERS if mark != delimiter and len(written) == 1 and mark in written[0]]
    if delimiter is None or not others:
        return ""
    name = "tab" if others[0] == "\t" else others[0]
    return f" The header looks as if '{name}' were the delimiter: say csv: {{delimiter: '{name}'}}."


def _refuse_unknown(source: Source, given: Input, table: SourceTable, names: Iterable[str]) -> None:
    for name in names:
        if name not in table.declared:
            raise InputError(
                f"{given.label} has a column '{name}', which table {table.name} of the source {source.name} "
                f"does not know.{did_you_mean(name, table.declared)} It knows: {', '.join(table.declared)}."
            )


def _some(names: Sequence[str], most: int = 40) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
