"""How far journeys came, and how long each step took: pictures of the tables of `metrics.journey`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme
from funnel.charts.show import Shown, listing

MINUTE, HOUR, DAY = 60, 3_600, 86_400
LINE = "Line: 95 % interval. Dots: all."
PARTS = ("went on", "dropped", "open")


def funnel(table: pd.DataFrame) -> go.Figure:
    """Return the steps as bars with count and next-step rate (table: journey.funnel without `by`).

    A bar is made of those who went on, who dropped, and (hatched) whose window is not over.
    """
    rows = theme.records(table)
    text = theme.Text("journey-funnel", "How far journeys came", _rule(table), _finding(rows))
    nexts = [*rows[1:], {}]
    sizes = {
        "went on": [_whole(after.get("n")) for after in nexts],
        "dropped": [_whole(after.get("n_dropped")) for after in nexts],
        "open": [_whole(after.get("n_open")) for after in nexts],
    }
    sizes["went on"][-1:] = [_whole(row["n"]) for row in rows[-1:]]
    parts = [form.Part(name, sizes[name][: len(rows)], _hovers(rows, name, sizes[name])) for name in PARTS]
    return form.stacks(text, [row["title"] for row in rows], parts, says=[_says(row) for row in rows])


def times(table: pd.DataFrame) -> go.Figure:
    """Return the median time that each step took after the one before (table: journey.funnel)."""
    rows = theme.records(table)
    pairs = list(pairwise(rows))
    known = [(one, two) for one, two in pairs if not number.is_null(two["median_seconds"])]
    slowest = max(known, key=lambda pair: float(pair[1]["median_seconds"]), default=None)
    finding = (
        f"The slowest step is {_pair(*slowest)}: half take more than {lasting(slowest[1]['median_seconds'])}."
        if slowest
        else "No one made a second step."
    )
    rule = f"{_rule(table)} Bar: the median time from the step before, of those who made it."
    text = theme.Text("journey-times", "How long each step took", rule, finding)
    labels = [form.counted(_pair(one, two), two["n"]) for one, two in pairs]
    medians = [two["median_seconds"] for _, two in pairs]
    hovers = [_time_hover(one, two) for one, two in pairs]
    return form.bars(text, labels, medians, [lasting(value) for value in medians], hovers)


def bins(table: pd.DataFrame) -> go.Figure:
    """Return how many took how long, one bar per bin (table: journey.bins)."""
    rows = theme.records(table)
    n = sum(int(row["n"]) for row in rows)
    finding = (
        f"{number.count(n)} made it, in {lasting(rows[0]['average_seconds'])} on average."
        if rows
        else "No one made it."
    )
    text = theme.Text("journey-bins", "How long it took", theme.rule(table), finding)
    labels = [f"from {lasting(row['from_seconds'])}" for row in rows]
    says = [number.count(row["n"]) for row in rows]
    hovers = [
        f"{lasting(row['from_seconds'])} to {lasting(row['to_seconds'])}<br>{said} of {number.count(n)}"
        for row, said in zip(rows, says, strict=True)
    ]
    return form.bars(text, labels, [row["n"] for row in rows], says, hovers)


def by_value(table: pd.DataFrame) -> go.Figure:
    """Return per value the share that made the last step, with its interval (table: journey.funnel, `by`)."""
    first, last = table[table["step"] == 1], table[table["step"] == table["step"].max()]
    rows = theme.records(last.assign(n_start=first["n"].to_numpy()).head(20))
    n, made = first["n"].sum(), last["n"].sum()
    overall = made / n if n else None
    finding = f"Overall {number.rate(overall, n)} of {number.count(n)} made the last step."
    text = theme.Text("journey-by-value", "Who made the last step", f"{_rule(table)} {LINE}", finding)
    spans = [form.rate_span(row["value"], {**row, "n": row["n_start"]}) for row in rows]
    labels = [form.counted(row["value"], row["n_start"]) for row in rows]
    tops = [float(row["high"]) * 1.05 for row in rows if not number.is_null(row["high"])]
    return form.spans(text, labels, spans, top=min(max(tops, default=1.0), 1.0), overall=overall)


def persons(table: pd.DataFrame) -> Shown:
    """Return the persons of a step as a table that can be searched (table: journey.persons)."""
    shown = table.drop(columns="rule")
    return listing(shown, name="journey-persons", title="Who", rule=theme.rule(table))


def lasting(seconds: Any) -> str:
    """Return a length of time in the unit that fits it: "40 s", "12 min", "3.2 h", "14 d"."""
    if number.is_null(seconds):
        return number.DASH
    length = float(seconds)
    if length < MINUTE:
        return f"{length:.0f}{number.GAP}s"
    return f"{length / MINUTE:.0f}{number.GAP}min" if length < HOUR else number.hours(length / HOUR)


def _rule(table: pd.DataFrame) -> str:
    """Return the rule with what it leaves out."""
    if table.empty:
        return theme.rule(table)
    said = theme.rule(table)
    for name, words in (("n_excluded", "left out as void"), ("n_young", "left out as too young")):
        n = int(table[name].iloc[0])
        said += f" {number.count(n)} {words}." if n else ""
    return said


def _finding(rows: list[dict[str, Any]]) -> str:
    if not rows or not rows[0]["n"]:
        return "No one made the first step in a window that is over."
    first, last = rows[0], rows[-1]
    return (
        f"Of {number.count(first['n'])} that made the first step, {number.count(last['n'])} made the last: "
        f"{number.rate_with_interval(last['rate'], last['low'], last['high'], first['n'])}."
    )


def _says(row: dict[str, Any]) -> str:
    if number.is_null(row["next_rate"]):
        return number.count(row["n"])
    return f"{number.count(row['n'])}, {number.rate(row['next_rate'], row['n'])} go on"


def _hovers(rows: list[dict[str, Any]], name: str, sizes: list[float]) -> list[str]:
    return [
        f"{_step_hover(row, rows[0]['n'])}<br><br>{name}: {number.count(size)}"
        for row, size in zip(rows, sizes, strict=False)
    ]


def _step_hover(row: dict[str, Any], n_first: Any) -> str:
    went = number.rate_with_interval(row["next_rate"], row["next_low"], row["next_high"], row["n"])
    whole = number.rate_with_interval(row["rate"], row["low"], row["high"], n_first)
    lines = [theme.safe(row["title"]), f"{number.count(row['n'])} came this far", f"next step {went}"]
    lines.append(f"from the first step {whole}")
    if not number.is_null(row["median_seconds"]):
        lines.append(f"median {lasting(row['median_seconds'])} after the step before")
    return "<br>".join(lines)


def _time_hover(one: dict[str, Any], two: dict[str, Any]) -> str:
    return "<br>".join(
        [
            theme.safe(_pair(one, two)),
            f"median {lasting(two['median_seconds'])}, average {lasting(two['average_seconds'])}",
            f"{number.count(two['n'])} made it, {number.count(two['n_by_day'])} of them known to the day",
        ]
    )


def _pair(one: dict[str, Any], two: dict[str, Any]) -> str:
    return f"{one['title']} → {two['title']}"


def _whole(value: Any) -> float:
    return 0.0 if number.is_null(value) else float(value)
