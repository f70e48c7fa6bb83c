"""Why a KPI changed, as waterfalls: by factor with intervals, and by segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import theme
from funnel.charts.bridge_line import MARKS, absent, bar, emptied, lowered, signed
from funnel.charts.waterfall import waterfall

MOST = 9
REST = "all others"
CHANCE = "Black: 95 % interval; orange: clear of nothing."


def change(table: pd.DataFrame) -> go.Figure:
    """Return a KPI before, what each factor did, and the KPI now (table: bridge.change)."""
    rows = [row for row in theme.records(table) if not row["is_segment"]]
    unit, currency, is_known = _measure(rows)
    finding = _why(rows) if is_known else absent(rows)
    rule = f"{theme.rule(table)} {MARKS} {CHANCE}"
    text = theme.Text("bridge-change", "Why it changed", rule, finding)
    if not is_known:
        return waterfall(emptied(text), [], nothing=0.5)
    bars, at = [], 0.0
    for row in rows:
        said = _value_said(row["effect"], unit, currency, row["is_total"])
        said = said if row["is_total"] else f"{said} {_interval(row, unit, currency)}".strip()
        hover = f"{theme.safe(row['title'])}<br>{said}"
        bars.append(bar(row, at, float(row["effect"]), said, hover, is_accent=is_shown(row)))
        at = bars[-1].end
    return waterfall(text, bars, nothing=_nothing(rows))


def segments(table: pd.DataFrame) -> go.Figure:
    """Return a KPI before, what each segment did to it by all factors together, and the KPI now.

    Of more than nine segments the smallest effects are one bar (table: bridge.change, with `by`).
    """
    ends = [row for row in theme.records(table) if row["is_total"]]
    unit, currency, is_known = _measure(ends)
    inner = table[table["is_segment"].astype(bool)]
    effects = inner.assign(segment=inner["segment"].astype("object")).groupby("segment", dropna=False)
    parts = effects["effect"].sum().sort_values(key=lambda one: -one.abs(), kind="stable")
    whole = _rest(ends, parts)
    named = [(_name(name), float(value)) for name, value in parts.iloc[:MOST].items()]
    named += [(REST, float(parts.iloc[MOST:].sum()))] if len(parts) > MOST else []
    named += [("not of a segment", whole)] if abs(whole) > 1e-9 * max(abs(ends[-1]["effect"]), 1) else []
    rule = f"{theme.rule(table)} {MARKS} Each bar: all factors of one segment together."
    finding = _segmented(named, unit, currency) if is_known and len(parts) else absent(ends)
    text = theme.Text("bridge-segments", "Which segments changed it", rule, finding)
    if not is_known or not len(parts):
        return waterfall(emptied(text), [], nothing=0.5)
    rows = [
        {"title": name, "effect": value, "is_total": False}
        for name, value in named
    ]  # fmt: skip
    bars, at = [], 0.0
    for row in [ends[0], *rows, ends[-1]]:
        said = _value_said(row["effect"], unit, currency, row["is_total"])
        hover = f"{theme.safe(row['title'])}<br>{said}"
        bars.append(bar(row, at, float(row["effect"]), said, hover, is_accent=False))
        at = bars[-1].end
    return waterfall(text, bars, nothing=_nothing(ends))


def is_shown(row: dict[str, Any]) -> bool:
    """Say whether an effect is shown: its whole interval lies on one side of nothing."""
    if row["is_total"] or number.is_null(row.get("low")) or number.is_null(row.get("high")):
        return False
    return bool(float(row["low"]) > 0 or float(row["high"]) < 0)


def _measure(rows: Sequence[dict[str, Any]]) -> tuple[str, str, bool]:
    """Return unit and currency of a change, and whether there is one."""
    if not rows:
        return "count", "", False
    is_known = all(row["state"] == "ok" for row in rows)
    return str(rows[0]["unit"]), str(rows[0]["currency"] or ""), is_known


def _value_said(value: Any, unit: str, currency: str, is_total: bool) -> str:
    if unit == "rate":
        return number.rate(value, 1000) if is_total else number.fine_points(value)
    said = number.money(value, currency) if unit == "money" else number.count(value)
    return said if is_total else signed(float(value), said)


def _interval(row: dict[str, Any], unit: str, currency: str) -> str:
    if number.is_null(row["low"]) or number.is_null(row["high"]):
        return ""
    low, high = (_value_said(row[end], unit, currency, False) for end in ("low", "high"))
    gap = f"{number.GAP}pts"
    return f"({low.removesuffix(gap)} to {high.removesuffix(gap)})"


def _why(rows: Sequence[dict[str, Any]]) -> str:
    unit, currency, _ = _measure(rows)
    before, now = rows[0], rows[-1]
    gap = {"low": now["change_low"], "high": now["change_high"]}
    moved = f"{_value_said(now['change'], unit, currency, False)} {_interval(gap, unit, currency)}".strip()
    ends = [_value_said(row["effect"], unit, currency, True) for row in (before, now)]
    parts = [row for row in rows if not row["is_total"]]
    shown = [
        f"{lowered(row['title'])} {_value_said(row['effect'], unit, currency, False)}"
        for row in parts
        if is_shown(row)
    ]
    said = f"Shown: {'; '.join(shown)}." if shown else "No factor is shown to have moved it."
    return f"From {ends[0]} to {ends[1]}, {moved}. {said}"


def _rest(ends: Sequence[dict[str, Any]], parts: pd.Series[float]) -> float:
    """Return the part of the change that no segment carries: a longer period has none."""
    return float(ends[-1]["effect"]) - float(ends[0]["effect"]) - float(parts.sum())


def _segmented(named: Sequence[tuple[str, float]], unit: str, currency: str) -> str:
    said = [
        f"{name} {_value_said(value, unit, currency, False)}" for name, value in named[:3] if name != REST
    ]
    return f"Largest: {'; '.join(said)}."


def _name(segment: Any) -> str:
    return "not stated" if number.is_null(segment) else str(segment)


def _nothing(rows: Sequence[dict[str, Any]]) -> float:
    return 1e-3 * max(abs(float(row["effect"])) for row in rows)
