"""Who they are: one conversion by every segment column, with a switch; first-time and repeat entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme
from funnel.charts.convention import top_of

MOST, MENU = 4, 48
DETAIL = ("campaign", "content")
NAMES = {"all": "All", "pass": "First time or repeat"}
LIMITS = (
    "The four largest of each column; campaign, content and the rest are in the table. Line: 95 % interval. "
    "Grey: what chance and usual spread within the column give a group of its size (99.8 %). Dots: all."
)


def segments(table: pd.DataFrame) -> go.Figure:
    """Return the rate of each segment, with a switch between columns (table: conversion.segments).

    All columns stand one under the other, so that print holds them; the switch shows one of them.
    """
    groups = [group for _, part in table.groupby("segment", sort=False) if (group := _group(part))]
    rows = [row for group in groups for row in group]
    outside = [_named(row) for row in rows if form.outside(row)]
    said = f"outside its limits: {', '.join(outside)}" if outside else "none lies outside its limits"
    first = rows[0]
    finding = f"Overall {number.rate(first['rate'], first['n'])} of {number.count(first['n'])}; {said}."
    text = theme.Text(
        "conversion-segments", "The same conversion by segment", f"{theme.rule(table)} {LIMITS}", finding
    )
    spans = [_span(row) for row in rows]
    labels = [_named(row) for row in rows]
    figure = form.spans(text, labels, spans, top=top_of(rows), overall=first["rate"])
    return _switched(figure, [(_words(group[0]["segment"]), len(group)) for group in groups])


def entries(table: pd.DataFrame) -> go.Figure:
    """Return first-time and repeat entries of each period that is over (table: conversion.entries)."""
    rows = [row for row in theme.records(table) if row["is_complete"]]
    rows = rows[: max((at for at, row in enumerate(rows, 1) if row["n"]), default=0)]
    total = {name: sum(row[name] for row in rows) for name in ("n", "n_repeat")}
    last = rows[-1] if rows else {"n": 0, "n_persons": 0, "n_first": 0, "n_repeat": 0}
    people = f" of {number.count(last['n_persons'])} people" if last["n_persons"] else ""
    finding = (
        f"In the last period {number.count(last['n'])} cycles{people} entered: "
        f"{number.count(last['n_first'])} for the first time, {number.count(last['n_repeat'])} "
        f"again. Of all {number.count(total['n'])}, {number.count(total['n_repeat'])} were repeats."
    )
    text = theme.Text("conversion-entries", "First-time and repeat entries", theme.rule(table), finding)
    hovers = [_entered(row) for row in rows]
    kinds = {"first time": "n_first", "repeat": "n_repeat"}
    parts = [form.Part(kind, [float(row[name]) for row in rows], hovers) for kind, name in kinds.items()]
    return course.columns(text, course.month_labels([row["period_on"] for row in rows]), parts)


def _entered(row: dict[str, Any]) -> str:
    return "<br>".join(
        [
            number.day(row["period_on"]),
            f"{number.count(row['n'])} cycles, {number.count(row['n_persons'])} people",
            f"{number.count(row['n_first'])} first time, {number.count(row['n_repeat'])} repeat",
            f"{number.count(row['n_visits'])} visits, {number.count(row['n_backward'])} of them backward",
        ]
    )


def _switched(figure: go.Figure, groups: Sequence[tuple[str, int]]) -> go.Figure:
    """Add a switch that shows all groups of rows, or one of them, each row as high as before."""
    if len(groups) < 3:
        return figure
    starts = [*accumulate((size for _, size in groups), initial=0)]
    row = (figure.layout.height - 16) / starts[-1]
    buttons = [_button("All segments", 0, starts[-1], row)]
    spans = zip(groups[1:], starts[1:], strict=False)
    buttons += [_button(name, start, start + size, row) for (name, size), start in spans]
    ink = {"size": theme.SMALL, "color": theme.INK}
    look = {"bgcolor": theme.GROUND, "bordercolor": theme.LINE, "font": ink, "showactive": True}
    place = {"x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "pad": {"b": 8}}
    menu = {"type": "dropdown", "buttons": buttons, **look, **place}
    height = figure.layout.height + MENU - theme.TINY
    return figure.update_layout(updatemenus=[menu], margin={"t": MENU}, height=height)


def _button(name: str, start: int, end: int, row: float) -> dict[str, Any]:
    height = 16 + row * (end - start) + MENU - theme.TINY
    return {
        "label": theme.safe(name),
        "method": "relayout",
        "args": [{"yaxis.range": [end - 0.5, start - 0.5], "height": height}],
    }


def _group(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the whole, or the largest values of a column of ten cases or more, so that print is a page."""
    is_shown = (table["n"] >= form.FEW) & ~table["segment"].isin(DETAIL) | (table["segment"] == "all")
    return theme.records(table[is_shown].head(MOST))


def _span(row: dict[str, Any]) -> form.Span:
    span = form.rate_span(_named(row), row, ("limit_low", "limit_high"))
    return replace(span, text=f"{span.text} of {number.count(row['n'])}")


def _named(row: dict[str, Any]) -> str:
    if row["segment"] == "all":
        return NAMES["all"]
    if row["segment"] == "pass":
        return "First time" if row["value"] == "first" else "Repeat"
    return f"{_words(row['segment'])}: {form.named(row['value'])}"


def _words(name: str) -> str:
    return NAMES.get(name, name.replace("_", " ").capitalize())
