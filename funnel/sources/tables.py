"""Read the tables of a source.yaml: where their files are, their keys, and the types of their columns."""

from __future__ import annotations

import codecs
from dataclasses import replace
from functools import partial

from funnel.contract.document import Item
from funnel.contract.vocabulary import FIELDS
from funnel.errors import did_you_mean
from funnel.sources.names import snake
from funnel.sources.schema import SCHEMA, StagingTable
from funnel.sources.source import TYPES, ColumnType, Csv, SourceTable

REQUIRED = {"files": "files: [leads]", "key": "key: [id]", "complete": "complete: true"}
OPTIONAL = ("types", "optional", "modified", "tracked", "needed", "closed", "csv")
CSV_KEYS = ("delimiter", "decimal", "thousands", "encoding")
CANONICAL_TYPES = {"bigint": "integer", "money": "decimal", "timestamp": "moment"}
DATED = ("date", "day", "timestamp", "moment")
NAMES_OF_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def read_tables(item: Item, csv: Csv) -> dict[str, SourceTable]:
    """Read the tables; the word `staging` stands for the staging tables with all their columns optional."""
    if item.text == "staging":
        return {name: _staging_table(table, csv) for name, table in SCHEMA.items()}
    tables: dict[str, SourceTable] = {}
    for name, each in item.any_keys("tables").items():
        table = _table(_table_name(name, each), each, csv)
        _refuse_shared_file(each, table, tables)
        tables[name] = table
    return tables


def _refuse_shared_file(item: Item, table: SourceTable, before: dict[str, SourceTable]) -> None:
    owners = {file: other.name for other in before.values() for file in other.files}
    for file in table.files:
        if file in owners:
            files = (item.members or {})["files"]
            raise files.error(f"'{file}' is a file of the table {owners[file]} already. Name it once.")


def _staging_table(table: StagingTable, csv: Csv) -> SourceTable:
    columns = {name: ColumnType(CANONICAL_TYPES.get(kind, kind)) for name, kind in table.columns.items()}
    optional = tuple(name for name in columns if name not in table.required)
    table_of = partial(SourceTable, table.name, (table.name,), table.key, complete=True, closed=True)
    return table_of(types=columns, optional=optional, csv=csv)


def _table_name(name: str, item: Item) -> str:
    if name != snake(name) or not name:
        raise item.error(f"write the table's name as '{snake(name)}'.")
    return name


def _table(name: str, item: Item, csv: Csv) -> SourceTable:
    members = item.keys((*REQUIRED, *OPTIONAL), "a table", REQUIRED)
    table = SourceTable(
        name=name,
        files=tuple(dict.fromkeys(snake(text) for text in members["files"].labels("file names"))),
        key=_columns(members["key"]),
        complete=flag(members["complete"]),
        types=read_types(members["types"]) if "types" in members else {},
        optional=_columns(members["optional"]) if "optional" in members else (),
        tracked=_tracked(members["tracked"]) if "tracked" in members else {},
        needed=flag(members["needed"]) if "needed" in members else True,
        closed=flag(members["closed"]) if "closed" in members else False,
        csv=read_csv_dialect(members.get("csv"), csv),
    )
    return _with_modified(table, members.get("modified"))


def _with_modified(table: SourceTable, item: Item | None) -> SourceTable:
    if item is None:
        return table
    column = snake(item.words("a column"))
    if table.types.get(column, ColumnType()).kind not in DATED:
        known = [name for name, kind in table.types.items() if kind.kind in DATED]
        raise item.error(
            f"'{column}' is not typed as a date or an instant, so it cannot say which of two rows is newer."
            f"{did_you_mean(column, known)} Declare it under types, for example {{{column}: timestamp}}."
        )
    return replace(table, modified=column)


def _columns(item: Item) -> tuple[str, ...]:
    return tuple(snake(text) for text in item.labels("a list of columns"))


def _tracked(item: Item) -> dict[str, str]:
    pairs = item.any_keys("columns and the attributes they hold").items()
    known = "an attribute of a lead"
    return {snake(column): field.choice(FIELDS, known, "Attributes") for column, field in pairs}


def read_types(item: Item, *, normalise: bool = True) -> dict[str, ColumnType]:
    """Read column -> type; a type is a word, or {type: date, format: "%d.%m.%Y"}."""
    pairs = item.any_keys("columns and their types").items()
    return {snake(name) if normalise else name: _type(kind) for name, kind in pairs}


def _type(item: Item) -> ColumnType:
    if item.members is None:
        return ColumnType(item.choice(TYPES, "a type", "Types"))
    members = item.keys(("type", "format"), "a type", {"type": "type: date"})
    kind = members["type"].choice(DATED, "a type with a format", "Such types")
    return ColumnType(kind, _formats(members["format"]) if "format" in members else ())


def _formats(item: Item) -> tuple[str, ...]:
    formats = item.labels("strptime formats")
    if any(zone in each for each in formats for zone in ("%z", "%Z")):
        raise item.error(
            "a format cannot read offsets (%z). Instants with an offset such as 2026-01-31T09:30:00+01:00 "
            "need no format."
        )
    return formats


def flag(item: Item) -> bool:
    """Return true or false; InputError for anything else."""
    return item.choice(("true", "false"), "true or false") == "true"


def read_csv_dialect(item: Item | None, base: Csv) -> Csv:
    """Read how text files are written, on top of what holds for the whole source."""
    if item is None:
        return base
    members = item.keys(CSV_KEYS, "a csv dialect")
    csv = base
    if "delimiter" in members:
        csv = replace(csv, delimiter=_delimiter(members["delimiter"]))
    if "decimal" in members:
        csv = replace(csv, decimal=members["decimal"].choice((".", ","), "a decimal mark", "Marks"))
    if "thousands" in members:
        csv = replace(csv, thousands=_thousands(members["thousands"], csv.decimal))
    if "encoding" in members:
        csv = replace(csv, encoding=_encoding(members["encoding"]))
    return csv


def _delimiter(item: Item) -> str:
    text = NAMES_OF_DELIMITERS.get(item.text or "", item.text or "")
    if len(text) != 1 or text in '"\n\r':
        raise item.error(f"expected one character such as ';' or the word tab, found {item.found}.")
    return text


def _thousands(item: Item, decimal: str) -> str:
    mark = item.choice((".", ",", "'", "space"), "a thousands mark", "Marks")
    if mark == decimal:
        raise item.error(f"the thousands mark and the decimal mark are both '{mark}'. One of them is wrong.")
    return " " if mark == "space" else mark


def _encoding(item: Item) -> str:
    try:
        return codecs.lookup(item.words("an encoding such as utf-8")).name
    except LookupError:
        raise item.error(
            f"{item.found} is not an encoding. Write for example utf-8, utf-16 or cp1252."
        ) from None
