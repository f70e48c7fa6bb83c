"""The leads of an audit on its page: packed columns for the script, plain first rows without one."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from funnel import number
from funnel.charts import theme
from funnel.charts.cells import Cell

FIRST = 25
TEXTS = (
    "lead_id",
    "name",
    "company",
    "owner",
    "failed_clauses",
    "follow_up",
    "sla",
    "state",
    "reason",
    "evidence",
)
NUMBERS = ("score", "n_touches", "days_to_outcome", "n_contradictions")
INSTANTS = ("handed_at", "first_touch_at", "outcome_at")
TRAIL = ("kind", "what", "who", "evidence", "precision")
CLAUSE = ("clause", "field", "value", "evidence")
CONTRADICTION = ("title", "detail")
PLAIN = (
    ("Lead", "name"),
    ("Owner", "owner"),
    ("Handed over", "handed_at"),
    ("Score", "score"),
    ("Definition", "met_definition"),
    ("Follow-up", "follow_up"),
    ("State", "state"),
    ("Reason", "reason"),
)


@dataclass(frozen=True)
class LeadTable:
    """The packed leads, the packed records of what happened to each, and the first rows as plain cells."""

    n: int
    leads: str
    records: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def lead_table(
    leads: pd.DataFrame, *, trail: pd.DataFrame, clauses: pd.DataFrame, contradictions: pd.DataFrame
) -> LeadTable:
    """Return the leads of an audit for its page, in their order; the tables are those of the record.

    Packed is JSON by column, text as codes into sorted words (so that codes sort as words do), gzipped, in
    base64. The records lie by lead: `starts[i]` to `starts[i + 1]` are those of the i-th.
    """
    place = pd.Series(np.arange(len(leads)), index=leads["handoff_id"])
    packed = {
        "n": len(leads),
        "ids": [str(each) for each in leads["handoff_id"]],
        "met_definition": [None if number.is_null(met) else int(met) for met in leads["met_definition"]],
        **{name: words(leads[name]) for name in TEXTS},
        **{name: numbers(leads[name]) for name in NUMBERS},
        **{name: minutes(leads[name]) for name in INSTANTS},
        "contradictions": _titles(contradictions, place),
    }
    records = {
        "trail": _records(trail.sort_values(["handoff_id", "place"], kind="stable"), place, TRAIL, at="at"),
        "clauses": _records(clauses, place, CLAUSE, plain="passed"),
        "contradictions": _records(contradictions, place, CONTRADICTION),
    }
    rows = tuple(_plain(row) for row in theme.records(leads.head(FIRST)))
    return LeadTable(len(leads), pack(packed), pack(records), tuple(name for name, _ in PLAIN), rows)


def pack(value: Any) -> str:
    """Return JSON, gzipped, in base64; equal values give equal text."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False, ensure_ascii=False)
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode("ascii")


def words(column: pd.Series[Any]) -> dict[str, list[Any]]:
    """Return a column of text as its words in order, case ignored, and the code of each row (-1: null)."""
    known = [None if number.is_null(value) else str(value) for value in column]
    listed = sorted({value for value in known if value is not None}, key=lambda word: (word.casefold(), word))
    code = {word: at for at, word in enumerate(listed)}
    return {"words": listed, "codes": [-1 if value is None else code[value] for value in known]}


def numbers(column: pd.Series[Any]) -> list[float | int | None]:
    """Return a column of numbers; whole ones without a point, null as null."""
    known = (None if number.is_null(value) else float(value) for value in column)
    return [
        None if value is None else int(value) if value == int(value) else round(value, 4) for value in known
    ]


def minutes(column: pd.Series[Any]) -> list[int | None]:
    """Return a column of UTC instants as whole minutes since 1970."""
    known = pd.to_datetime(column, errors="raise")
    return [None if pd.isna(at) else int(pd.Timestamp(at).value // 60_000_000_000) for at in known]


def _records(
    table: pd.DataFrame, place: pd.Series[Any], texts: tuple[str, ...], *, at: str = "", plain: str = ""
) -> dict[str, Any]:
    """Return the rows of a table by the place of their lead, in their order; rows of no lead are dropped."""
    where = table["handoff_id"].map(place)
    held = table.assign(lead=where)[where.notna().to_numpy()].sort_values("lead", kind="stable")
    counts = np.bincount(held["lead"].to_numpy(dtype="int64"), minlength=len(place))
    packed: dict[str, Any] = {"starts": [0, *np.cumsum(counts).tolist()]}
    packed |= {name: words(held[name]) for name in texts}
    if at:
        packed[at] = minutes(held[at])
    if plain:
        packed[plain] = [None if number.is_null(value) else int(value) for value in held[plain]]
    return packed


def _titles(contradictions: pd.DataFrame, place: pd.Series[Any]) -> dict[str, Any]:
    """Return the kinds of contradiction, and for each the places of its leads: what the filter needs."""
    where = contradictions.assign(lead=contradictions["handoff_id"].map(place)).dropna(subset=["lead"])
    titles = sorted(set(where["title"]))
    leads = [sorted(set(where.loc[where["title"] == title, "lead"].astype(int))) for title in titles]
    return {"titles": [str(title) for title in titles], "leads": leads}


def _plain(row: dict[str, Any]) -> tuple[Cell, ...]:
    return tuple(_cell(name, row[name]) for _, name in PLAIN)


def _cell(name: str, value: Any) -> Cell:
    if number.is_null(value):
        return Cell(number.DASH, "not recorded", name == "score")
    if name == "handed_at":
        return Cell(number.day(value), "", False)
    if name == "score":
        return Cell(f"{float(value):g}", "", True)
    if name == "met_definition":
        return Cell("met" if value else "not met", "", False)
    return Cell(str(value), "", False)
