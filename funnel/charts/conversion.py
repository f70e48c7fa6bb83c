"""How many got how far, and what share of each kind: pictures of the tables of `metrics.conversion`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme

LIMITS = "Line: 95 % interval. Grey: what chance alone gives a group of this size (99.8 %). Dots: all."
EXITS = ("rejected", "recycled", "lost", "open")


def funnel(table: pd.DataFrame) -> go.Figure:
    """Return the stages of one cohort as bars with count and next-step rate (table: conversion.funnel)."""
    rows = theme.records(table)
    last = rows[-1] if rows else {}
    finding = (
        f"Of {number.count(rows[0]['n'])} that entered {rows[0]['title']}, {number.count(last['n'])} reached "
        f"{last['title']}: {number.rate(last['rate'], rows[0]['n'])}."
        if rows
        else "No cohort is old enough to be shown."
    )
    return form.bars(
        theme.Text("conversion-funnel", "The funnel of the latest mature cohort", _rule(table), finding),
        [row["title"] for row in rows],
        [row["n"] for row in rows],
        [_stage_text(row) for row in rows],
        [_stage_hover(row) for row in rows],
        colours=theme.shades(len(rows)),
    )


def where_they_left(table: pd.DataFrame) -> go.Figure:
    """Return per stage how those that did not advance ended (table: conversion.funnel)."""
    rows = theme.records(table)
    parts = [
        form.Part(
            name,
            [_zero(row[f"n_{name}"]) for row in rows],
            [f"{theme.safe(row['title'])}<br>{name}: {number.count(row[f'n_{name}'])}" for row in rows],
        )
        for name in EXITS
    ]
    most = max(rows, key=lambda row: sum(_zero(row[f"n_{name}"]) for name in EXITS), default=None)
    finding = f"Most ended at {most['title']}." if most else "No cohort is old enough to be shown."
    text = theme.Text("conversion-exits", "Where those that went no further ended", _rule(table), finding)
    return form.stacks(text, [row["title"] for row in rows], parts)


def cohorts(table: pd.DataFrame) -> go.Figure:
    """Return the rate of each cohort with its interval; young cohorts hatched (table: conversion.cohorts)."""
    rows = theme.records(table)
    mature = [row for row in rows if row["is_mature"] and not number.is_null(row["rate"])]
    finding = _cohort_finding(mature)
    text = theme.Text("conversion-cohorts", "Conversion by cohort", _rule(table), finding)
    top = max((float(row["high"]) for row in mature if not number.is_null(row["high"])), default=0.1)
    panel = course.Panel(
        title="",
        values=[row["rate"] for row in rows],
        lows=[row["low"] for row in rows],
        highs=[row["high"] if row["is_mature"] else None for row in rows],
        young=[not row["is_mature"] for row in rows],
        ticks=course.rate_ticks(top),
        hovers=[_cohort_hover(row) for row in rows],
        as_dots=True,
    )
    return course.panels(text, course.month_labels([row["period_on"] for row in rows]), [panel], tall=True)


def by_dimension(table: pd.DataFrame, *, dimension: str) -> go.Figure:
    """Return the rate of each value with its interval, largest first (table: conversion.by_dimension)."""
    rows = theme.records(table.sort_values("n", ascending=False, kind="stable").head(20))
    n, converted = table["n"].sum(), table["n_converted"].sum()
    overall = converted / n if n else None
    finding = f"Overall {number.rate(overall, n)} of {number.count(n)}; {_outside(rows)}."
    title = f"Conversion by {dimension.replace('_', ' ')}"
    text = theme.Text(
        f"conversion-by-{dimension.replace('_', '-')}", title, f"{_rule(table)} {LIMITS}", finding
    )
    tops = [float(row["high"]) for row in rows if not number.is_null(row["high"])]
    spans = [form.rate_span(row["value"], row, ("limit_low", "limit_high")) for row in rows]
    labels = [form.counted(row["value"], row["n"]) for row in rows]
    return form.spans(text, labels, spans, top=max(tops, default=1.0), overall=overall)


def reached(table: pd.DataFrame) -> go.Figure:
    """Return the share lost before the next stage under two named rules (table: conversion.reached)."""
    rows = theme.records(table)
    finding = "; ".join(
        f"{row['title']}: {number.rate(row['lost_share_decided'], row['n_reached'])} of the decided lost, "
        f"{number.rate(row['lost_share_open_as_lost'], row['n_reached'])} if open counts as lost"
        for row in rows[:-1]
    )
    text = theme.Text("conversion-reached", "All that ever reached each stage", _rule(table), finding + ".")
    return form.bars(
        text,
        [row["title"] for row in rows],
        [row["n_reached"] for row in rows],
        [number.count(row["n_reached"]) for row in rows],
        [f"{theme.safe(row['title'])}<br>{number.count(row['n_reached'])} reached" for row in rows],
        colours=theme.shades(len(rows)),
    )


def _stage_text(row: dict[str, Any]) -> str:
    if number.is_null(row["next_rate"]):
        return number.count(row["n"])
    return f"{number.count(row['n'])}, {number.rate(row['next_rate'], row['n'])} go on"


def _stage_hover(row: dict[str, Any]) -> str:
    n = row["n"]
    return "<br>".join(
        [
            theme.safe(row["title"]),
            f"{number.count(n)} reached, {number.count(row['n_imputed'])} of them imputed",
            f"next step {number.rate_with_interval(row['next_rate'], row['next_low'], row['next_high'], n)}",
            f"from the start {number.rate_with_interval(row['rate'], row['low'], row['high'], n)}",
        ]
    )


def _cohort_hover(row: dict[str, Any]) -> str:
    when = number.month(row["period_on"])
    if not row["is_mature"]:
        return f"{when}<br>not yet: {number.rate(row['observed_share'])} of its window is over"
    said = number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])
    return f"{when}<br>{said}<br>{number.count(row['n_converted'])} of {number.count(row['n'])}"


def _cohort_finding(mature: list[dict[str, Any]]) -> str:
    if not mature:
        return "No cohort is old enough to be judged yet."
    last = mature[-1]
    said = number.rate_with_interval(last["rate"], last["low"], last["high"], last["n"])
    first = f"The latest mature cohort, {number.month(last['period_on'])}, converted {said}"
    if len(mature) == 1:
        return first + "."
    before = mature[-2]
    return f"{first}; the one before {number.rate(before['rate'], before['n'])}."


def _outside(rows: list[dict[str, Any]]) -> str:
    names = [form.named(row["value"]) for row in rows if form.outside(row)]
    return f"outside its limits: {', '.join(names)}" if names else "none lies outside its limits"


def _rule(table: pd.DataFrame) -> str:
    return str(table["rule"].iloc[0]) if "rule" in table and len(table) else ""


def _zero(value: Any) -> float:
    return 0.0 if number.is_null(value) else float(value)
