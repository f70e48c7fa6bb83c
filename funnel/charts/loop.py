"""The loop between the teams: small panels over the same weeks, what one side gives above what is done."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, theme

BAND = "Blue: the band of ordinary variation; hatched: not yet."


def weekly(table: pd.DataFrame) -> go.Figure:
    """Return volume, quality, follow-up and acceptance week by week in one picture (table: loop.weekly)."""
    groups = [theme.records(rows) for _, rows in table.groupby("series", sort=False)]
    known = [rows for rows in groups if any(not number.is_null(row["value"]) for row in rows)]
    weeks = sorted(set(table["week_on"]))
    absent = [f"{rows[0]['title']}: {rows[0]['state']}" for rows in groups if rows not in known]
    finding = " ".join(filter(None, (_latest(rows) for rows in known)))
    finding += f" {'. '.join(absent)}." if absent else ""
    text = theme.Text(
        "loop",
        "Both sides of the loop, week by week",
        f"{theme.rule(table)} {BAND}",
        finding.strip() or "No hand-offs.",
    )
    return course.panels(text, course.month_labels(weeks), [_panel(rows) for rows in known])


def _panel(rows: list[dict[str, Any]]) -> course.Panel:
    unit = str(rows[0]["unit"])
    tops = [
        float(row[name]) for row in rows for name in ("value", "band_high") if not number.is_null(row[name])
    ]
    return course.Panel(
        title=_titled(rows[0]),
        values=[row["value"] for row in rows],
        lows=[row["band_low"] for row in rows],
        highs=[row["band_high"] for row in rows],
        marks=["" if row["is_mature"] else course.NOT_YET for row in rows],
        ticks=course.rate_ticks(max(tops))
        if unit == "rate"
        else [(at, f"{at:g}") for at in course.round_ticks(max(tops))],
        hovers=[_hover(row) for row in rows],
    )


def _titled(row: dict[str, Any]) -> str:
    team = "" if number.is_null(row["team"]) else f" ({row['team']})"
    return f"{row['title']}{team}"


def _said(value: Any, row: dict[str, Any]) -> str:
    if row["unit"] == "rate":
        return number.rate(value, row["n"])
    return number.count(value) if row["unit"] == "count" else f"{float(value):.1f}"


def _hover(row: dict[str, Any]) -> str:
    week = number.short_day(row["week_on"])
    if number.is_null(row["value"]):
        return f"{week}<br>{row['state']}"
    return f"{week}<br>{_said(row['value'], row)}<br>n = {number.count(row['n'])}"


def _latest(rows: list[dict[str, Any]]) -> str:
    """Return the latest week of a series that can be judged, against its band, in a sentence."""
    row = [each for each in rows if not number.is_null(each["value"])][-1]
    said = f"{row['title']}: {_said(row['value'], row)} in the week of {number.short_day(row['week_on'])}"
    if number.is_null(row["band_low"]):
        return f"{said}, no band yet."
    is_out = row["value"] < row["band_low"] or row["value"] > row["band_high"]
    ends = f"{_said(row['band_low'], row)} to {_said(row['band_high'], row)}"
    return f"{said}, {'outside' if is_out else 'within'} the ordinary {ends}."
