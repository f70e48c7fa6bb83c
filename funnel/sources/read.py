"""Read a source folder into a `Source`; every mistake is an error that names file, line and key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from funnel.contract.document import Item, read_document
from funnel.errors import InputError, did_you_mean
from funnel.sources.mapping import read_mappings
from funnel.sources.source import COMPANY_ZONE, ColumnType, Csv, Source
from funnel.sources.tables import read_csv_dialect, read_tables, read_types

REQUIRED = {
    "name": "name: my_crm",
    "zone": "zone: Europe/Berlin",
    "tables": "tables: {lead: {files: [leads], key: [id], complete: true}}",
}
OPTIONAL = ("title", "day_zone", "nulls", "csv", "max_reject_share", "max_gone_share", "types")
RESERVED = ("main", "run", "staging", "core", "marts", "contract", "checks", "temp", "system", "memory")


def read_source(folder: Path) -> Source:
    """Read source.yaml and the SQL files beside it. InputError says file, line, key, and what would do."""
    path = folder / "source.yaml"
    if not path.is_file():
        raise InputError(f"{folder} has no source.yaml, so it is not a source. `funnel init` writes one.")
    members = read_document(path).keys((*REQUIRED, *OPTIONAL), "a source", REQUIRED)
    name = _name(members["name"], folder)
    zone = _zone(members["zone"])
    tables = read_tables(members["tables"], read_csv_dialect(members.get("csv"), Csv()))
    return Source(
        name=name,
        title=members["title"].words() if "title" in members else name,
        folder=folder,
        zone=zone,
        day_zone=_zone(members["day_zone"], COMPANY_ZONE) if "day_zone" in members else zone,
        nulls=_texts(members.get("nulls")),
        max_reject_share=_share(members.get("max_reject_share"), 0.01),
        max_gone_share=_share(members.get("max_gone_share"), 0.5),
        types=_patterns(members.get("types")),
        tables=tables,
        mappings=read_mappings(folder, name, tables),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _name(item: Item, folder: Path) -> str:
    name = item.words()
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or name in RESERVED:
        others = ", ".join(RESERVED)
        raise item.error(f"'{name}' cannot name a source. Use small letters, digits and _; not: {others}.")
    if name != folder.name:
        raise item.error(f"the source is called '{name}' and its folder '{folder.name}'. Name both alike.")
    return name


def _zone(item: Item, *besides: str) -> str:
    zones = _zones()
    if item.text in zones or item.text in besides:
        return item.words()
    near = did_you_mean(item.text or "", sorted(zones))
    raise item.error(f"{item.found} is not a time zone.{near} Write for example Europe/Berlin or UTC.")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _texts(item: Item | None) -> tuple[str, ...]:
    return tuple(_word(element) for element in item.listed()) if item else ()


def _word(item: Item) -> str:
    if item.text is None:
        raise item.error('YAML reads this word as nothing. Write it in quotes, for example "NULL".')
    return item.text


def _share(item: Item | None, default: float) -> float:
    share = item.number("a share such as 0.01") if item else default
    if item and not 0 <= share <= 1:
        raise item.error(f"expected a share from 0 to 1, found {item.found}. One percent is 0.01.")
    return share


def _patterns(item: Item | None) -> Mapping[str, ColumnType]:
    return read_types(item, normalise=False) if item else {}
