"""The staging tables, declared once in `schema.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from funnel.contract.document import Item, read_document

SQL_TYPES = MappingProxyType(
    {
        "text": "VARCHAR",
        "boolean": "BOOLEAN",
        "bigint": "BIGINT",
        "double": "DOUBLE",
        "money": "DECIMAL(18,2)",
        "timestamp": "TIMESTAMP",
        "date": "DATE",
    }
)
"""Type in schema.yaml -> type in DuckDB."""

PRECISIONS = ("second", "day", "unknown")
"""How exactly an instant is known; the values of every column *_precision."""


@dataclass(frozen=True)
class StagingTable:
    """One staging table; `columns` maps a column to its type in schema.yaml, `key` is unique in a source."""

    name: str
    grain: str
    key: tuple[str, ...]
    required: tuple[str, ...]
    accepted: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, str]

    @property
    def sql_types(self) -> dict[str, str]:
        """Column -> DuckDB type, `source` first."""
        return {"source": "VARCHAR", **{name: SQL_TYPES[kind] for name, kind in self.columns.items()}}


def read_schema(path: Path) -> dict[str, StagingTable]:
    """Read the staging tables, in the order of the file."""
    tables = read_document(path).any_keys("staging tables")
    return {name: _table(name, item) for name, item in tables.items()}


def _table(name: str, item: Item) -> StagingTable:
    members = item.keys(("grain", "key", "required", "accepted", "columns"), "a staging table")
    columns = members["columns"].any_keys("columns")
    accepted = members["accepted"].any_keys("columns") if "accepted" in members else {}
    precise = {column: PRECISIONS for column in columns if column.endswith("_precision")}
    return StagingTable(
        name=name,
        grain=members["grain"].words(),
        key=members["key"].labels(),
        required=members["required"].labels(),
        accepted=precise | {column: values.labels() for column, values in accepted.items()},
        columns={column: kind.choice(SQL_TYPES, "a type") for column, kind in columns.items()},
    )


SCHEMA: Mapping[str, StagingTable] = MappingProxyType(read_schema(Path(__file__).parent / "schema.yaml"))
"""Staging table -> its declaration."""

STAGING: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {name: MappingProxyType(table.sql_types) for name, table in SCHEMA.items()}
)
"""Staging table -> column -> DuckDB type, `source` first, both in the order of schema.yaml."""
