"""How hand-offs were answered: pictures of the tables of `metrics.handoff`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme
from funnel.charts.handoff_arrival import ageing, arrivals, by, feedback
from funnel.charts.handoff_clock import clocks, persistence, waits

__all__ = [
    "ageing",
    "arrivals",
    "by",
    "clocks",
    "feedback",
    "persistence",
    "sla",
    "untouched",
    "waits",
    "weekly",
]

OUTCOMES = ("met", "missed", "early", "open", "unknown")
WEEKS = 26


def sla(table: pd.DataFrame) -> go.Figure:
    """Return per obligation how many hand-offs met it, missed it, or cannot be told (table: handoff.sla)."""
    rows = theme.records(table)
    finding = " ".join(_attained(row) for row in rows) or "The contract sets no time for an answer."
    parts = [form.Part(name, *_outcome(rows, name)) for name in OUTCOMES]
    words = " ".join(str(row["words"]) for row in rows)
    text = theme.Text("sla", "Were the agreed times kept?", f"{theme.rule(table)} {words}", finding)
    return form.stacks(text, [_name(row) for row in rows], parts, says=[_share(row) for row in rows])


def weekly(table: pd.DataFrame) -> go.Figure:
    """Return the attainment of each obligation by week of hand-off (table: handoff.weekly)."""
    weeks = sorted(set(table["week_on"]))[-WEEKS:]
    recent = table[table["week_on"].isin(weeks)]
    groups = {str(name): theme.records(rows) for name, rows in recent.groupby("sla", sort=True)}
    labels = course.month_labels(weeks)
    finding = " ".join(_latest(rows) for rows in groups.values()) or "There is no hand-off in these weeks."
    rule = f"{theme.rule(table)} Line: 95 % interval; dotted: agreed; hatched: a deadline is still ahead."
    text = theme.Text("sla-weekly", f"The last {len(weeks)} weeks", rule, finding)
    return course.panels(text, labels, [_panel(rows) for rows in groups.values()])


def untouched(table: pd.DataFrame) -> go.Figure:
    """Return the share of hand-offs without a human touch, by their age (table: handoff.untouched)."""
    rows = theme.records(table)
    total = rows[-1] if rows else None
    finding = (
        f"{number.count(total['n_untouched'])} of {number.count(total['n'])} hand-offs were never touched."
        if total and not number.is_null(total["n_untouched"])
        else f"Not answerable: {total['state']}."
        if total
        else "There is no hand-off."
    )
    text = theme.Text("untouched", "Hand-offs without a human touch, by age", theme.rule(table), finding)
    spans = [form.rate_span(row["age"], row | {"rate": row["share"]}) for row in rows]
    labels = [form.counted(row["age"], row["n"]) for row in rows]
    return form.spans(text, labels, spans, top=1.0)


def _outcome(rows: list[dict[str, Any]], name: str) -> tuple[list[float], list[str]]:
    counts: list[Any] = [row.get(f"n_{name}") for row in rows]
    sizes = [0.0 if number.is_null(n) else float(n) for n in counts]
    hovers = [
        f"{theme.safe(row['words'])}<br>{name}: {number.count(size)} of {number.count(row['n_hand_offs'])}"
        for row, size in zip(rows, sizes, strict=True)
    ]
    return sizes, hovers


def _share(row: dict[str, Any]) -> str:
    if row.get("state", "ok") != "ok":
        return str(row["state"])
    return f"{number.rate(row['rate'], row['n'])}, agreed {number.rate(row['agreed'])}"


def _attained(row: dict[str, Any]) -> str:
    if row.get("state", "ok") != "ok":
        return f"{_name(row)}: {row['state']}."
    said = number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])
    return f"{_name(row)}: {said} of {number.count(row['n'])}; agreed {number.rate(row['agreed'])}."


def _latest(rows: list[dict[str, Any]]) -> str:
    mature = [row for row in rows if row["is_mature"] and not number.is_null(row["rate"])]
    if not mature:
        return f"{_name(rows[-1])}: no week can be judged yet."
    last = mature[-1]
    said = number.rate_with_interval(last["rate"], last["low"], last["high"], last["n"])
    return f"{_name(last)}: {said} in the week of {number.short_day(last['week_on'])}."


def _name(row: dict[str, Any]) -> str:
    return str(row["sla"]).replace("_", " ").capitalize()


def _panel(rows: list[dict[str, Any]]) -> course.Panel:
    return course.Panel(
        title=_name(rows[0]),
        values=[row["rate"] for row in rows],
        lows=[row["low"] for row in rows],
        highs=[row["high"] for row in rows],
        marks=["" if row["is_mature"] else course.NOT_YET for row in rows],
        ticks=[(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")],
        hovers=[f"{number.short_day(row['week_on'])}<br>{theme.safe(_attained(row))}" for row in rows],
        target=rows[0]["agreed"],
        as_dots=True,
    )
