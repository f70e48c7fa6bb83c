"""Load, queue and attainment: pictures of the tables of `metrics.capacity`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme

WEEKS = 26


def weeks(table: pd.DataFrame) -> go.Figure:
    """Return load, queue and attainment of all teams by week (table: capacity.weeks)."""
    rows = theme.records(table[table["is_total"].astype(bool)].tail(WEEKS))
    text = theme.Text(
        "capacity-weeks",
        "Load, queue and answers, week by week",
        f"{theme.rule(table)} Dotted: the whole capacity. Hatched: a deadline is still ahead.",
        _latest(rows),
        is_empty=not rows,
    )
    labels = course.month_labels([row["week_on"] for row in rows])
    return course.panels(text, labels, [_load(rows), _queue(rows), _met(rows)] if rows else [])


def levels(table: pd.DataFrame) -> go.Figure:
    """Return the attainment of first touch in quarters of the weeks by load (table: capacity.levels)."""
    rows = theme.records(table)
    known = [row for row in rows if not number.is_null(row["rate"])]
    text = theme.Text(
        "capacity-levels",
        "Are hand-offs answered worse where load is higher?",
        theme.rule(table),
        _levels(known, rows),
        is_empty=not known,
    )
    labels = [form.counted(_level(row), row["n"]) for row in rows]
    return form.spans(text, labels, [form.rate_span(row["level"], row) for row in rows], top=1.0)


def _load(rows: list[dict[str, Any]]) -> course.Panel:
    known = [float(row["load"]) for row in rows if not number.is_null(row["load"])]
    return course.Panel(
        title="Load" if known else f"Load: {rows[0]['capacity_source']}",
        values=[row["load"] for row in rows],
        lows=[None] * len(rows),
        highs=[None] * len(rows),
        marks=[""] * len(rows),
        ticks=course.rate_ticks(max([*known, 1.0])),
        hovers=[_load_hover(row) for row in rows],
        target=1.0 if known else None,
    )


def _queue(rows: list[dict[str, Any]]) -> course.Panel:
    top = max((float(row["n_queue"]) for row in rows if not number.is_null(row["n_queue"])), default=0.0)
    return course.Panel(
        title="Open and untouched at the week's end",
        values=[row["n_queue"] for row in rows],
        lows=[None] * len(rows),
        highs=[None] * len(rows),
        marks=[""] * len(rows),
        ticks=[(at, number.count(at)) for at in course.round_ticks(top)],
        hovers=[f"{number.short_day(row['week_on'])}<br>{number.count(row['n_queue'])}" for row in rows],
    )


def _met(rows: list[dict[str, Any]]) -> course.Panel:
    return course.Panel(
        title="First touch met",
        values=[row["rate"] for row in rows],
        lows=[row["low"] for row in rows],
        highs=[row["high"] for row in rows],
        marks=["" if row["is_mature"] else course.NOT_YET for row in rows],
        ticks=[(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")],
        hovers=[f"{number.short_day(row['week_on'])}<br>{_rate(row)}" for row in rows],
        as_dots=True,
    )


def _load_hover(row: dict[str, Any]) -> str:
    parts = f"{number.count(row['n_arrived'])} hand-offs, {number.count(row['n_reps'])} reps"
    return f"{number.short_day(row['week_on'])}<br>load {number.rate(row['load'])}<br>{parts}"


def _latest(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "There is no hand-off."
    row = rows[-1]
    week = number.short_day(row["week_on"])
    arrived = f"{number.count(row['n_arrived'])} hand-offs arrived in the week of {week}"
    if row["state"] != "ok":
        return f"{arrived}; who worked them: {row['state']}."
    load = (
        f"load cannot be said: {row['capacity_source']}"
        if number.is_null(row["load"])
        else f"{number.rate(row['load'])} of what {number.count(row['n_reps'])} reps can work"
    )
    return (
        f"{arrived}, {load}; {number.count(row['n_worked'])} were first touched in it, "
        f"{number.count(row['n_queue'])} lay open and untouched at its end."
    )


def _levels(known: list[dict[str, Any]], rows: list[dict[str, Any]]) -> str:
    if len(known) < 2:
        return f"Load and answers cannot be compared: {rows[0]['state'] if rows else 'no week'}."
    first, last = known[0], known[-1]
    return (
        f"First touch met in the quarter of weeks with the {first['level']}: {_rate(first)}; with the "
        f"{last['level']}: {_rate(last)}. An association, not a cause."
    )


def _level(row: dict[str, Any]) -> str:
    load = "" if number.is_null(row["mean_load"]) else f", {number.rate(row['mean_load'])}"
    return f"{str(row['level']).capitalize()}{load}"


def _rate(row: dict[str, Any]) -> str:
    return number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])
