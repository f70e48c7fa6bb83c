"""What becomes of entrants by age, and how soon hand-offs are answered: pictures of `metrics.curve`."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, step, theme

NAMES = {"advanced": "went on"}
BOX, LEFT, FOOT, LABELS = 296, 48, 40, 112
PLOT = BOX - FOOT - theme.TINY
MOST = 6


def endings(table: pd.DataFrame) -> go.Figure:
    """Return the five endings stacked by age, the last share of each beside it (table: curve.endings).

    Of a table with segments the largest is drawn; `by_segment` draws them one under the other.
    """
    table = table[_same(table, table["value"].iloc[0])] if len(table) else table
    names = [
        name for name in table["ending"].unique() if table.loc[_is(table, name), "probability"].max() > 0
    ]
    rows = {name: theme.records(table[_is(table, name)]) for name in names}
    text = theme.Text("curve-endings", "What becomes of them by age", theme.rule(table), _ended(rows))
    key = tuple(NAMES.get(name, name) for name in names)
    figure = theme.blank(replace(text, key=key, is_empty=not names), height=BOX, left=LEFT)
    ages = [float(row["age_days"]) for row in rows[names[0]]] if names else [0.0]
    low = [0.0] * len(ages)
    for name in names:
        high = [base + float(row["probability"]) for base, row in zip(low, rows[name], strict=True)]
        hovers = [_hover(NAMES.get(name, name), row) for row in rows[name]]
        step.area(figure, NAMES.get(name, name), ages, low, step.Line(high, low, high, hovers))
        low = high
    _label(figure, [rows[name][-1] for name in names], ages[-1])
    ticks = [(share, number.rate(share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    figure.update_layout(xaxis=step.age_axis(ages[-1], "d"), yaxis=theme.axis(0, 1, ticks))
    return figure.update_layout(margin={"r": LABELS, "b": FOOT})


def by_segment(table: pd.DataFrame, *, ending: str = "advanced") -> go.Figure:
    """Return one ending by age with its band, a panel per value, the six largest (table: curve.endings)."""
    table = table[_is(table, ending)]
    values = list(dict.fromkeys(form.named(value) for value in table["value"]))[:MOST]
    rows = {value: theme.records(table[table["value"].map(form.named) == value]) for value in values}
    said = [f"{value} {_share(part[-1])}" for value, part in rows.items()]
    name = NAMES.get(ending, ending)
    finding = f"{name.capitalize()} by the last age shown: {'; '.join(said)}." if said else "Nobody entered."
    rule = f"{theme.rule(table)} Shown: {name}, the largest groups; band: 95 %."
    text = theme.Text(
        f"curve-by-segment-{ending}", f"{name.capitalize()} by age, group by group", rule, finding
    )
    top = max((float(high) for part in rows.values() for high in (row["high"] for row in part)), default=1.0)
    return _panels(text, rows, "age_days", "probability", top)


def first_touch(table: pd.DataFrame) -> go.Figure:
    """Return the share of hand-offs touched by hour with its band (table: curve.first_touch)."""
    state = str(table["state"].iloc[0]) if "state" in table and len(table) else "ok"
    none = "There are no hand-offs." if state == "ok" else f"Not answerable: {state}."
    known = table if state == "ok" else table.iloc[:0]
    values = list(dict.fromkeys(form.named(value) for value in known["value"]))[:MOST]
    rows = {value: theme.records(known[known["value"].map(form.named) == value]) for value in values}
    is_whole = bool(known["value"].isna().all())
    clock = str(table["clock"].iloc[0]) if len(table) else "business"
    title = f"Answered by {clock} hours since assignment"
    finding = _answered(next(iter(rows.values())), clock) if rows else none
    text = theme.Text(f"first-touch-{clock}", title, f"{theme.rule(table)} Band: 95 %.", finding)
    named = {"": next(iter(rows.values()))} if is_whole and rows else rows
    return _panels(text, named, "age_hours", "rate", 1.0)


def _panels(
    text: theme.Text, rows: dict[str, list[dict[str, Any]]], age: str, rate: str, top: float
) -> go.Figure:
    """Return step lines with bands, one panel per group, all on one scale from zero."""
    size = course.TALL if len(rows) < 2 else course.PANEL
    gutter = course.GUTTER if any(rows) else course.UNTITLED
    height = (size + gutter) * max(len(rows), 1)
    figure = theme.blank(replace(text, is_empty=not rows), height=height, left=LEFT + 8)
    figure.update_layout(margin={"t": 0, "b": 0, "r": 24})
    last = max((float(part[-1][age]) for part in rows.values()), default=1.0)
    for index, (name, part) in enumerate(rows.items()):
        key, above = (
            "" if index == 0 else str(index + 1),
            height - index * (size + gutter) - (gutter - course.FOOT),
        )
        domain = [(above - size) / height, above / height]
        unit = "h" if age == "age_hours" else "d"
        yaxis = theme.axis(0, top * 1.04, course.rate_ticks(top), domain=domain, anchor=f"x{key}")
        figure.update_layout(
            {f"yaxis{key}": yaxis, f"xaxis{key}": step.age_axis(last, unit, anchor=f"y{key}")}
        )
        line = step.Line(
            [float(row[rate]) for row in part],
            [row["low"] for row in part],
            [row["high"] for row in part],
            [_hover(name, row) for row in part],
        )
        step.band(figure, [float(row[age]) for row in part], line, xaxis=f"x{key}", yaxis=f"y{key}")
        _title(figure, name, part[-1], domain[1])
    return figure


def _title(figure: go.Figure, name: str, last: dict[str, Any], height: float) -> None:
    if name:
        above = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        said = f"{theme.safe(name)} ({number.count(last['n'])}): {_share(last)}"
        bold = {"font": {"size": theme.SMALL, "color": theme.INK}}
        figure.add_annotation(**form.note(0, height, said, **above) | bold)


def _label(figure: go.Figure, last: list[dict[str, Any]], age: float) -> None:
    """Write the share of each ending at the last age beside its layer, with its interval below."""
    shares = [float(row["probability"]) for row in last]
    middles = [top - share / 2 for top, share in zip(accumulate(shares), shares, strict=True)]
    for row, place in zip(last, step.apart(middles, 34 / PLOT), strict=True):
        name, n = NAMES.get(row["ending"], row["ending"]), row["n"]
        said = f"{name} {number.rate(row['probability'], n)}<br>{number.interval(row['low'], row['high'], n)}"
        figure.add_annotation(**form.note(age, place, said, xanchor="left", xshift=6, align="left"))


def _ended(rows: dict[str, list[dict[str, Any]]]) -> str:
    if not rows:
        return "Nobody entered."
    last = [part[-1] for part in rows.values()]
    said = [f"{NAMES.get(row['ending'], row['ending'])} {_share(row)}" for row in last]
    return (
        f"{number.days(last[0]['age_days'])} after entry, of {number.count(last[0]['n'])}: {', '.join(said)}."
    )


def _answered(rows: list[dict[str, Any]], clock: str) -> str:
    half = next((row for row in rows if float(row["rate"]) >= 0.5), None)
    first = (
        f"Half are answered within {half['age_hours']:g} {clock} hours" if half else "Half are not answered"
    )
    last = rows[-1]
    return (
        f"{first}; after {last['age_hours']:g} hours {_share(last)} are. Never touched to date: "
        f"{number.count(last['n_untouched'])} of {number.count(last['n'])}."
    )


def _share(row: dict[str, Any]) -> str:
    rate = row["probability"] if "probability" in row else row["rate"]
    return number.rate_with_interval(rate, row["low"], row["high"], row["n"])


def _hover(name: str, row: dict[str, Any]) -> str:
    is_day = "age_days" in row
    age = number.days(row["age_days"]) if is_day else f"{row['age_hours']:g}{number.GAP}h"
    counts = f"n = {number.count(row['n'])}, {number.count(row['n_watched'])} watched so long, "
    counts += f"{number.count(row['n_at_risk'])} still there"
    return f"{theme.safe(name)}<br>by {age}: {_share(row)}<br>{counts}"


def _is(table: pd.DataFrame, ending: str) -> pd.Series[bool]:
    return table["ending"] == ending


def _same(table: pd.DataFrame, value: Any) -> pd.Series[bool]:
    return table["value"].isna() if number.is_null(value) else table["value"] == value
