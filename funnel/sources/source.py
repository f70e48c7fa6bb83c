"""What a source folder says, as frozen records; nothing here reads a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType

from funnel.errors import UsageError, did_you_mean

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "text": "VARCHAR",
        "id18": "VARCHAR",
        "integer": "BIGINT",
        "double": "DOUBLE",
        "decimal": "DECIMAL(18,4)",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "day": "TIMESTAMP",
        "timestamp": "TIMESTAMP",
        "moment": "TIMESTAMP",
    }
)
"""Type of a landed column in source.yaml -> DuckDB type.

text: trimmed, null words are null. id18: text; an id of 18 characters is cut to the 15 that identify.
date: stays a date. day: a date, landed as the UTC instant of the local midnight that begins it.
timestamp: an instant with its time of day. moment: a day or an instant; a column `*_precision` says which.
"""

COMPANY_ZONE = "company"
"""`day_zone: company` takes the zone of the days from the contract's calendar."""


@dataclass(frozen=True)
class Csv:
    """How text files are written; `delimiter` None means the one under which the header holds the key."""

    delimiter: str | None = None
    decimal: str = "."
    thousands: str | None = None
    encoding: str = "utf-8"


@dataclass(frozen=True)
class ColumnType:
    """Type of a landed column and, for days and instants, the strptime formats to read it with."""

    kind: str = "text"
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceTable:
    """One table to land.

    `complete`: each load is a full export, so a row that is gone becomes a tombstone. `closed`: a column
    that is not declared is an error. `needed` False: mappings that read it run without it, as if it were
    empty. `tracked` maps a column to the attribute whose changes between loads become evidence.
    """

    name: str
    files: tuple[str, ...]
    key: tuple[str, ...]
    complete: bool
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    modified: str | None = None
    tracked: Mapping[str, str] = field(default_factory=dict)
    needed: bool = True
    closed: bool = False
    csv: Csv = Csv()

    @property
    def declared(self) -> tuple[str, ...]:
        """Every column that source.yaml names, the key first, each once."""
        return tuple(dict.fromkeys((*self.key, *self.types, *self.optional)))

    @property
    def expected(self) -> tuple[str, ...]:
        """The columns without which a file cannot be landed."""
        return tuple(name for name in self.declared if name not in self.optional)


@dataclass(frozen=True)
class StagingSql:
    """One SQL file of a source: it fills `table` (in parts, when there are several)."""

    table: str
    part: str | None
    file: Path
    sql: str
    reads: tuple[str, ...]

    @property
    def title(self) -> str:
        """The file as a message names it."""
        return f"{self.file.parent.name}/{self.file.name}"


@dataclass(frozen=True)
class Source:
    """A source folder: what to land, how to read it, and which staging tables it fills."""

    name: str
    title: str
    folder: Path
    zone: str
    day_zone: str
    nulls: tuple[str, ...]
    max_reject_share: float
    max_gone_share: float
    types: Mapping[str, ColumnType]
    tables: Mapping[str, SourceTable]
    mappings: tuple[StagingSql, ...] = ()
    digest: str = ""

    def column_type(self, table: SourceTable, column: str) -> ColumnType:
        """Return the table's own type of a column, else the source's first matching pattern, else text."""
        if column in table.types:
            return table.types[column]
        return next((kind for glob, kind in self.types.items() if fnmatchcase(column, glob)), ColumnType())

    def table(self, name: str) -> SourceTable:
        """Return the table of that name; UsageError names the nearest one and lists them all."""
        if name not in self.tables:
            raise UsageError(
                f"The source {self.name} has no table '{name}'.{did_you_mean(name, self.tables)} "
                f"Its tables: {', '.join(self.tables)}."
            )
        return self.tables[name]

    @property
    def fills(self) -> tuple[str, ...]:
        """The staging tables that this source has a mapping for, in the order of its files."""
        return tuple(dict.fromkeys(mapping.table for mapping in self.mappings))
