"""What young cohorts will come to: a picture of `metrics.forecast.cohorts`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme

YOUNG = "forecast"


def cohorts(table: pd.DataFrame) -> go.Figure:
    """Return the rate of each cohort with its interval, forecast ones hatched (table: forecast.cohorts).

    It begins with the first cohort of ten or more; smaller ones are in the table alone.
    """
    rows = theme.records(table)
    rows = rows[next((at for at, row in enumerate(rows) if row["n"] >= form.FEW), 0) :]
    values = [row["rate"] if row["n"] >= form.FEW else None for row in rows]
    text = theme.Text(
        "forecast-cohorts", "What the young cohorts will come to", theme.rule(table), _finding(rows)
    )
    shown = [row for row, value in zip(rows, values, strict=True) if not number.is_null(value)]
    top = max((float(row["high"]) for row in shown), default=1.0)
    panel = course.Panel(
        title="",
        values=values,
        lows=[row["low"] for row in rows],
        highs=[row["high"] for row in rows],
        marks=_marks(rows),
        ticks=course.rate_ticks(top),
        hovers=[_hover(row) for row in rows],
        as_dots=True,
        cap=top,
    )
    return course.panels(text, course.month_labels([row["period_on"] for row in rows]), [panel], tall=True)


def _marks(rows: list[dict[str, Any]]) -> list[str]:
    """Return why a cohort is hatched: a forecast (not yet, if none can be made), or not to be compared."""
    can = any(not row["is_mature"] and not number.is_null(row["rate"]) for row in rows)
    young = YOUNG if can else course.NOT_YET
    return [young if row["n"] and not row["is_mature"] else theme.note(row) for row in rows]


def _hover(row: dict[str, Any]) -> str:
    when = _when(row)
    so_far = f"{number.count(row['n_converted'])} of {number.count(row['n'])}"
    note = "" if number.is_null(row["note"]) else f"<br>{theme.safe(row['note'])}"
    said = _rate(row)
    if row["is_mature"]:
        return f"{when}<br>{said}<br>{so_far}{note}"
    seen = f"{so_far} so far, {number.rate(row['observed_share'])} of its conversions to be expected by now"
    return f"{when}<br>forecast {said}<br>{seen}<br>in the end {_expected(row)}{note}"


def _finding(rows: list[dict[str, Any]]) -> str:
    young = [row for row in rows if not row["is_mature"] and not number.is_null(row["rate"])]
    if not young:
        return "No young cohort can be forecast: there is no mature history, or none is young."
    said = [f"{_when(row)} {_rate(row)}, {_expected(row)} of {number.count(row['n'])}" for row in young[-3:]]
    return f"Forecast, 90{number.GAP}% interval: {'; '.join(said)}."


def _when(row: dict[str, Any]) -> str:
    """Return the month of a period, or the first day of a week."""
    first = pd.Timestamp(row["period_on"])
    is_week = " of the week " in row["rule"]
    return f"from {number.short_day(first)}" if is_week else number.month(first)


def _rate(row: dict[str, Any]) -> str:
    return number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])


def _expected(row: dict[str, Any]) -> str:
    ends = f"{number.count(row['expected_low'])}{number.DASH}{number.count(row['expected_high'])}"
    return f"{number.count(row['expected'])} ({ends})"
