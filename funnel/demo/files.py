"""The exports: one folder per load, each a full export of what the CRM held on that day."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from importlib.resources import files
from os import SEEK_END
from pathlib import Path
from shutil import copyfileobj

import duckdb

from funnel.demo.clock import AS_OF, LOADS, instant
from funnel.demo.label import tables
from funnel.demo.world import World

OBJECTS = (
    "Account",
    "Campaign",
    "CampaignMember",
    "Contact",
    "Lead",
    "LeadHistory",
    "Task",
    "Event",
    "Opportunity",
    "OpportunityHistory",
    "OpportunityContactRole",
    "User",
    "spend",
)
LOADS_FILE = "loads.json"
_WITH_IDS = ("owner", "lead", "company_name", "campaign", "contact", "deal")
_HISTORY_MONTHS = 18
_UNREADABLE = {"Lead": "date", "LeadHistory": "date", "Task": "fields", "CampaignMember": "fields"}
_ROWS_PER_UNREADABLE = 25_000
_SLICED = {"Lead": "lead", "LeadHistory": "change", "Task": "task", "CampaignMember": "member"}
_SLICE = 250_000  # rows written at a time, so that memory does not grow with the text
_RUN = """create or replace table run as
select ? as observed_at, ? as history_from, ? as first_row, ? as end_row"""
_COPY = """copy (select coalesce(cast(columns(*) as varchar), '') from export_row)
to ? (header, force_quote *, new_line '\r\n')"""


def text(name: str) -> str:
    """Return the SQL of one exported object, or of a step before it."""
    return files("funnel.demo").joinpath("export", f"{name}.sql").read_text(encoding="utf-8")


def open_world(world: World) -> duckdb.DuckDBPyConnection:
    """Return a database in memory that holds the world as tables."""
    con = duckdb.connect(config={"threads": 2, "python_enable_replacements": "false"})
    con.execute(text("_macros"))
    for name, frame in tables(world).items():
        con.from_df(frame).create(name)
    for name in _WITH_IDS:
        con.sql(text(f"_{name}")).create(name)
    return con


def write_loads(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, dict[str, int]]:
    """Write all loads and `loads.json` into the folder; return the data rows of each load's files."""
    counts = {day: _write_load(con, folder / day, day) for day in LOADS}
    loads = [{"folder": day, "observed_at": _iso(instant(day))} for day in LOADS]
    listed = json.dumps({"as_of": _iso(AS_OF), "source": "salesforce", "loads": loads}, indent=2)
    (folder / LOADS_FILE).write_text(listed + "\n", encoding="utf-8")
    return counts


def _write_load(con: duckdb.DuckDBPyConnection, folder: Path, day: str) -> dict[str, int]:
    folder.mkdir(parents=True)
    _run(con, day, 0, 0)
    con.execute("drop table if exists lead_now")
    con.sql(text("_lead_now")).create("lead_now")
    return {name: _write(con, folder / f"{name}.csv", name, day) for name in OBJECTS}


def _run(con: duckdb.DuckDBPyConnection, day: str, first: int, last: int) -> None:
    since = instant(_months_before(day).isoformat())
    con.execute(_RUN, [instant(day), since, first, last])


def _months_before(day: str) -> date:
    found = date.fromisoformat(day)
    months = found.year * 12 + found.month - 1 - _HISTORY_MONTHS
    return date(months // 12, months % 12 + 1, found.day)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(con: duckdb.DuckDBPyConnection, path: Path, name: str, day: str) -> int:
    con.sql(text(name)).create_view("export_row", replace=True)
    n_rows, part = 0, path.with_suffix(".part")
    n_source = len(con.table(_SLICED[name])) if name in _SLICED else 1
    for first in range(0, n_source, _SLICE):
        _run(con, day, first, first + _SLICE)
        n_rows += int(con.execute(_COPY, [str(part)]).fetchall()[0][0])
        _append(part, path)
    if name in _UNREADABLE:
        n_rows += _append_unreadable(path, _UNREADABLE[name], 1 + n_rows // _ROWS_PER_UNREADABLE)
    return n_rows


def _append(part: Path, path: Path) -> None:
    """Move a slice behind what is there already; the header comes once."""
    if not path.exists():
        part.rename(path)
        return
    with part.open("rb") as source, path.open("ab") as target:
        source.readline()
        copyfileobj(source, target, 1 << 20)
    part.unlink()


def _append_unreadable(path: Path, kind: str, n: int) -> int:
    """Add rows of records that nothing else refers to: a date that is none, or a line that breaks off."""
    with path.open("r+", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        names, first = next(rows), next(rows)
        file.seek(0, SEEK_END)
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        for number in range(n):
            own = [f"{first[0][:9]}zz{number:04d}{first[0][15:]}", *first[1:]]
            own[names.index("CreatedDate")] = "2026-02-30T25:61:00.000Z"
            writer.writerow(own if kind == "date" else own[:4])
    return n
