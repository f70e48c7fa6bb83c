"""A table as it stands on a page: headers in words, every number in its one format, null with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from funnel import number
from funnel.charts import kpi

RATES = ("rate", "low", "high", "share", "attainment", "overall", "change", "harm")
MONEY = ("amount", "cost", "revenue", "spend")
HIDDEN = frozenset(
    {
        *("rule", "rule_open_as_lost", "rule_decided", "position", "unit", "direction", "currency"),
        *("clause_id", "from_stage", "to_stage", "is_total", "is_small"),
        *("begin", "end_low", "end_high", "is_batch", "is_whole"),
    }
)
UNITS = frozenset({"count", "rate", "money", "hours", "days", "months", "ratio"})
IN_UNIT = frozenset(
    {
        *("value", "low", "high", "target", "before", "before_low", "before_high", "band_low", "band_high"),
        *("so_far", "before_so_far", "forecast", "forecast_low", "forecast_high", "should"),
        *("value_before", "change", "change_low", "change_high"),
    }
)
"""Columns that are in the unit of their row, in a table that has a column `unit`."""
DOUBLED = {"kpi": "title", "stage": "title", "part": "title"}
UNDEFINED = "undefined or not recorded"
WORDS = {
    "title": "name",
    "lost_share_open_as_lost": "not there, open as lost",
    "lost_share_decided": "left before, decided only",
    "win_rate_open_as_lost": "won of those there, open as lost",
    "win_rate_decided": "won of those there, decided only",
    "n": "n",
    "low": "low (95 %)",
    "high": "high (95 %)",
    "low_90": "low (90 %)",
    "high_90": "high (90 %)",
    "low_points": "low (90 %), pts",
    "high_points": "high (90 %), pts",
    "points": "pts",
    "p_harm": "probability of harm",
    "drop_share": "drop to be shown",
    "n_needed": "leads needed",
    "n_pool": "never worked",
    "power_share": "power if drawn",
    "expected_rate": "expected of worked leads",
    "n_drawn": "drawn",
    "p25": "p25, d",
    "p75": "p75, d",
    "p90": "p90, d",
}


@dataclass(frozen=True)
class Cell:
    """One cell: the text, the reason when it is an en dash, and whether it is a number (set right)."""

    text: str
    reason: str
    is_number: bool


@dataclass(frozen=True)
class Grid:
    """A table ready for the page: headers, whether each column is of numbers, and rows of cells."""

    headers: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]


def grid(table: pd.DataFrame, *, currency: str = "") -> Grid:
    """Return a table formatted by the names of its columns; its rule and its order stay out."""
    names = _shown(table)
    kinds = [_kind(name, table[name]) for name in names]
    units = table["unit"] if "unit" in table else [""] * len(table)
    sized = next((name for name in ("n", "n_start") if name in names), "")
    n = table[sized] if sized else pd.Series([None] * len(table), index=table.index, dtype=object)
    rows = [
        tuple(
            _cell(value, unit if name in IN_UNIT and unit in UNITS else kind, size, currency)
            for value, name, kind in zip(row, names, kinds, strict=True)
        )
        for row, size, unit in zip(table[names].itertuples(index=False, name=None), n, units, strict=True)
    ]
    numeric = tuple(kind not in ("text", "flag") for kind in kinds)
    return Grid(tuple(header(name) for name in names), numeric, tuple(rows))


def _shown(table: pd.DataFrame) -> list[str]:
    """Return the columns that a page shows: none that repeats another or is empty."""
    names = [str(name) for name in table.columns]
    doubled = {short for short, long in DOUBLED.items() if long in names}
    empty = {name for name in names if len(table) and table[name].isna().all()}
    return [name for name in names if name not in HIDDEN | doubled | empty] or names[:1]


def header(name: str) -> str:
    """Return a column name in words: 'n_converted' is "n converted", 'median_days' "median, d"."""
    if name in WORDS:
        return WORDS[name]
    for ending, unit in (("_days", ", d"), ("_hours", ", h"), ("_points", ", pts"), ("_on", ""), ("_at", "")):
        if name.endswith(ending):
            return name.removesuffix(ending).replace("_", " ") + unit
    return name.replace("_", " ")


def _kind(name: str, column: pd.Series[Any]) -> str:
    if pd.api.types.is_bool_dtype(column) or name.startswith(("is_", "has_")):
        return "flag"
    if pd.api.types.is_datetime64_any_dtype(column) or name.endswith("_on"):
        return "day"
    if not pd.api.types.is_numeric_dtype(column) and not _is_decimal(column):
        return "text"
    last = name.rsplit("_", 1)[-1]
    if last == "points":
        return "points"
    if last in MONEY or any(f"_{word}_" in f"_{name}_" for word in MONEY):
        return "money"
    if name == "n" or name.startswith("n_"):
        return "count"
    return "rate" if any(f"_{word}_" in f"_{name}_" for word in RATES) else "plain"


def _is_decimal(column: pd.Series[Any]) -> bool:
    known = column.dropna()
    return bool(len(known)) and not any(isinstance(value, str | bool) for value in known) and _floats(known)


def _floats(column: pd.Series[Any]) -> bool:
    try:
        column.astype(float)
    except (TypeError, ValueError):
        return False
    return True


def _cell(value: Any, kind: str, n: Any, currency: str) -> Cell:
    if number.is_null(value):
        return Cell(number.DASH, UNDEFINED, kind not in ("text", "flag"))
    return Cell(_said(value, kind, n, currency), "", kind not in ("text", "flag"))


def _said(value: Any, kind: str, n: Any, currency: str) -> str:
    if kind in UNITS:
        return kpi.said(value, kind, n, currency)
    if kind == "points":
        return number.fine_points(value).removesuffix(f"{number.GAP}pts")
    if kind == "day":
        return f"{number.day(value)}"
    if kind == "flag":
        return "yes" if value else "no"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    exact = float(value)
    return number.count(exact) if exact == int(exact) else f"{exact:,.1f}"
