"""Which files of an export hold which tables of a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from funnel.errors import InputError, UsageError, did_you_mean
from funnel.landing.excel import sheet_names
from funnel.sources import Source, snake

FORMATS = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), "csv"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "json"),
    **dict.fromkeys((".xlsx", ".xls", ".xlsb", ".ods"), "excel"),
    **dict.fromkeys((".duckdb", ".db"), "duckdb"),
    ".parquet": "parquet",
}
PART = re.compile(r"(.+?)(_part)?_\d+")
LIST_TABLES = """
select schema_name, table_name from duckdb_tables() where not internal
union all
select schema_name, view_name from duckdb_views() where not internal
order by all
"""


@dataclass(frozen=True)
class Input:
    """One file, sheet or database table that holds rows of `table`; `label` is how messages name it."""

    table: str
    path: Path
    kind: str
    label: str
    inner: str | None = None


@dataclass(frozen=True)
class Export:
    """What was found at a path: the inputs, and the names of data files that belong to no table."""

    inputs: tuple[Input, ...]
    ignored: tuple[str, ...]


def locate(source: Source, path: Path) -> Export:
    """Find the inputs at `path`: a folder of files, one file, or a DuckDB file.

    A file belongs to a table by its name, in any spelling (Lead.csv, leads.csv, sf_lead_data.csv), also in
    parts (lead_1.csv, lead_part_2.csv, or a folder lead/). UsageError if there is nothing at the path;
    InputError if nothing in it belongs to the source.
    """
    if not path.exists():
        raise UsageError(f"There is nothing at {path}. Name a folder of exported files, or one file.")
    if path.is_dir():
        found = [pair for child in sorted(path.iterdir()) for pair in _child(source, child)]
    else:
        found = _file(source, path, None)
    inputs = tuple(each for each, _ in found if each)
    ignored = tuple(label for each, label in found if each is None)
    if not inputs:
        raise _nothing_known(source, path, ignored)
    return Export(inputs, ignored)


Found = list[tuple[Input | None, str]]


def _child(source: Source, path: Path) -> Found:
    if path.name.startswith("."):
        return []
    if not path.is_dir():
        return _file(source, path, None)
    table = _table_of(source, path.name)
    parts = sorted(part for part in path.iterdir() if _kind(part)) if table else []
    return [pair for part in parts for pair in _file(source, part, table)]


def _kind(path: Path) -> str | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        return "csv" if suffixes[-2:-1] and FORMATS.get(suffixes[-2]) == "csv" else None
    return FORMATS.get(suffixes[-1]) if suffixes else None


def _table_of(source: Source, name: str) -> str | None:
    by_file = {file: table.name for table in source.tables.values() for file in table.files}
    asked = snake(name)
    part = PART.fullmatch(asked)
    return by_file.get(asked) or (by_file.get(part[1]) if part else None)


def _file(source: Source, path: Path, table: str | None) -> Found:
    kind = _kind(path)
    if kind is None:
        return []
    named = table or _table_of(source, path.name.split(".", 1)[0])
    if kind == "excel":
        return _sheets(source, path, named)
    if kind == "duckdb":
        return _tables(source, path)
    return [(Input(named, path, kind, path.name) if named else None, path.name)]


def _sheets(source: Source, path: Path, named: str | None) -> Found:
    sheets = sheet_names(path)
    tables = [(sheet, _table_of(source, sheet)) for sheet in sheets]
    if named and not any(table for _, table in tables):
        tables = [(sheets[0], named), *((sheet, None) for sheet in sheets[1:])]
    labels = [(sheet, table, f"{path.name}, sheet {sheet}") for sheet, table in tables]
    return [(Input(t, path, "excel", label, sheet) if t else None, label) for sheet, t, label in labels]


def _tables(source: Source, path: Path) -> Found:
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            rows = con.execute(LIST_TABLES).fetchall()
    except duckdb.Error as error:
        raise InputError(f"{path.name} cannot be opened as a DuckDB file: {error}") from error
    found: Found = []
    for schema, name in rows:
        table, label = _table_of(source, name), f"{path.name}, table {name}"
        found.append((Input(table, path, "duckdb", label, f"{schema}.{name}") if table else None, label))
    return found


def _nothing_known(source: Source, path: Path, ignored: tuple[str, ...]) -> InputError:
    known = [file for table in source.tables.values() for file in table.files]
    names = [re.split(r", (?:sheet|table) ", name)[-1].split(".", 1)[0] for name in ignored]
    near = next((hint for hint in (did_you_mean(snake(name), known) for name in names) if hint), "")
    seen = f" Found: {', '.join(ignored)}." if ignored else " No data file was found."
    return InputError(
        f"{path.name} holds no table of the source {source.name}.{seen}{near} "
        f"Names it knows: {', '.join(known)} (source.yaml, tables.<table>.files)."
    )
