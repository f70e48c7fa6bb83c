"""Hand-offs by whom they reach and when: pictures of the tables of `metrics.handoff_arrival` and others."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme

LIMITS = ("limit_low", "limit_high")
SHADED = "Shaded: what chance and the usual spread give a group of its size (99.8 %)."
CELL, PALE = 38, "#eef1f3"
READABLE = (0, 1, 2, 4, 5, 6)  # of seven shades: on the middle one neither ink is dark or light enough
MOST = 20


def by(table: pd.DataFrame) -> go.Figure:
    """Return the attainment of first touch by value, with its limits (table: handoff.by)."""
    rows = theme.records(table.head(MOST))
    name = str(rows[0]["dimension"]) if rows else "team"
    finding = _by_finding(rows) if rows else "There is no hand-off."
    title = f"First touch by {name.replace('_', ' ')}"
    text = theme.Text(
        f"by-{name.replace('_', '-')}", title, f"{theme.rule(table)} {SHADED}", finding, is_empty=not rows
    )
    spans = [_by_span(row) for row in rows]
    return form.spans(text, [form.counted(row["value"], row["n"]) for row in rows], spans, top=1.0)


def arrivals(table: pd.DataFrame) -> go.Figure:
    """Return hour by weekday of arrival: how many came, and the share answered in time (handoff.arrivals)."""
    rows = theme.records(table)
    known = [row for row in rows if row["n"] >= form.FEW]
    rule = f"{theme.rule(table)} Each cell: share met, hand-offs; darker: more met. Below ten: number only."
    text = theme.Text(
        "arrivals",
        "When do hand-offs arrive, and are they answered?",
        rule,
        _arrival_finding(rows, known),
        is_empty=not any(row["n_hand_offs"] for row in rows),
    )
    bands = sorted({row["hour"] for row in rows})
    figure = theme.blank(text, height=CELL * max(len(bands), 1) + 40, left=52)
    places = {hour: len(bands) - 1 - at for at, hour in enumerate(bands)}
    ends = [float(row["rate"]) for row in known]
    colours = [_shade(row, ends) for row in rows]
    figure.add_bar(
        x=[row["weekday"] for row in rows],
        y=[1.0] * len(rows),
        base=[places[row["hour"]] for row in rows],
        width=[1.0] * len(rows),
        marker={"color": [colour for colour, _ in colours], "line": {"color": theme.GROUND, "width": 1}},
        hovertext=[_cell_hover(row) for row in rows],
        hoverinfo="text",
    )
    notes = [
        form.note(row["weekday"], places[row["hour"]] + 0.5, _cell(row))
        | {"font": {"size": theme.SMALL, "color": ink}}
        for row, (_, ink) in zip(rows, colours, strict=True)
        if row["n_hand_offs"]
    ]
    days = {row["weekday"]: str(row["weekday_name"])[:3] for row in rows}
    hours = [(places[hour] + 0.5, f"{hour:02}:00") for hour in bands]
    figure.update_layout(
        annotations=notes,
        barmode="overlay",
        xaxis=theme.axis(0.5, 7.5, sorted(days.items())),
        yaxis=theme.axis(0, max(len(bands), 1), hours),
    )
    return figure


def ageing(table: pd.DataFrame) -> go.Figure:
    """Return how many open hand-offs lie untouched, by age (table: handoff.ageing, without `by`)."""
    rows = [row for row in theme.records(table) if not row["is_total"]]
    total = next((row for row in theme.records(table) if row["is_total"]), None)
    text = theme.Text(
        "ageing",
        "Open hand-offs that nobody has touched",
        theme.rule(table),
        _lying(total) if total else "There is no hand-off.",
    )
    texts = [_worth(row) for row in rows]
    hovers = [f"{theme.safe(row['age'])}<br>{said}" for row, said in zip(rows, texts, strict=True)]
    return form.bars(text, [row["age"] for row in rows], [row["n"] for row in rows], texts, hovers)


def feedback(table: pd.DataFrame) -> go.Figure:
    """Return the share of hand-offs that marketing had heard of by the landmark (table: handoff.feedback)."""
    rows = [row for row in theme.records(table) if number.is_null(row["value"]) and row["state"] == "ok"]
    finding = " ".join(_heard(row) for row in rows[:2] if row["n"]) or "There is no hand-off of known time."
    days = number.days(rows[0]["by_days"]) if rows else ""
    text = theme.Text(
        "feedback",
        "How long until marketing hears what became of a lead?",
        f"{theme.rule(table)} Dots: share within {days}, with 95 % interval; beside it the median.",
        finding,
        is_empty=not any(row["n"] for row in rows),
    )
    spans = [_feedback_span(row) for row in rows]
    labels = [form.counted(row["outcome"], row["n_heard"]) for row in rows]
    return form.spans(text, labels, spans, top=1.0)


def _by_span(row: dict[str, Any]) -> form.Span:
    span = form.rate_span(row["value"], row, LIMITS)
    wait = "not reached" if number.is_null(row["median_hours"]) else number.hours(row["median_hours"])
    kept = number.rate_with_interval(row["kept_rate"], row["kept_low"], row["kept_high"], row["n_cadence"])
    more = f"median wait {wait} (business)<br>cadence kept {kept} of {number.count(row['n_cadence'])}"
    hover = f"{span.hover}<br>{more}"
    return form.Span(span.value, span.low, span.high, span.text, hover, span.limits, span.is_outside)


def _by_finding(rows: list[dict[str, Any]]) -> str:
    if all(row["state"] != "ok" for row in rows):
        return f"Not answerable: {rows[0]['state']}."
    shown = [row for row in rows if form.outside(row) and not row["is_small"]]
    if not shown:
        return "No group lies outside what chance and the usual spread give."
    said = "; ".join(f"{form.named(row['value'])} {_met(row)}" for row in shown)
    return f"Outside what chance and the usual spread give: {said}."


def _arrival_finding(rows: list[dict[str, Any]], known: list[dict[str, Any]]) -> str:
    if not any(row["n_hand_offs"] for row in rows):
        return "No hand-off of known hour."
    if not known:
        return f"Not answerable: {next(row['state'] for row in rows if row['n_hand_offs'])}."
    shown = [row for row in known if form.outside(row)]
    if not shown:
        return "No hour of the week lies outside what chance and the usual spread give."
    return f"Outside what chance and the usual spread give: {'; '.join(_at(row) for row in shown)}."


def _at(row: dict[str, Any]) -> str:
    return f"{_when(row)} {_met(row)} of {number.count(row['n'])}"


def _when(row: dict[str, Any]) -> str:
    return f"{row['weekday_name']} {row['hour']:02}{number.DASH}{row['until_hour']:02}{number.GAP}h"


def _met(row: dict[str, Any]) -> str:
    return number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])


def _shade(row: dict[str, Any], ends: list[float]) -> tuple[str, str]:
    """Return the colour of a cell and of the ink on it: one of six steps from the least met to the most."""
    if row["n"] < form.FEW or number.is_null(row["rate"]):
        return PALE, theme.INK
    low, high = min(ends), max(ends)
    place = 0.0 if high <= low else (float(row["rate"]) - low) / (high - low)
    step = READABLE[min(int(place * len(READABLE)), len(READABLE) - 1)]
    return theme.shades(7)[step], theme.INK if step < 3 else theme.GROUND


def _cell(row: dict[str, Any]) -> str:
    count = number.count(row["n_hand_offs"])
    return count if row["n"] < form.FEW else f"{number.rate(row['rate'])}<br>{count}"


def _cell_hover(row: dict[str, Any]) -> str:
    few = row["n"] < form.FEW
    said = number.interval(row["low"], row["high"], row["n"]) if few else f"{_met(row)} of {row['n']}"
    return f"{_when(row)}<br>{number.count(row['n_hand_offs'])} hand-offs<br>met: {said or number.DASH}"


def _lying(row: dict[str, Any]) -> str:
    if row["state"] != "ok":
        return f"Not answerable: {row['state']}."
    if not row["n"]:
        return "No open hand-off lies untouched."
    amount = row["amount_at_stake"]
    worth = (
        f" The {number.count(row['n_young'])} younger than the horizon stand for "
        f"{number.money(amount, row['currency'])}, by what such hand-offs brought."
        if not number.is_null(amount)
        else ""
    )
    return (
        f"{number.count(row['n'])} open hand-offs were never touched, {number.count(row['n_late'])} of them "
        f"past the deadline of the first touch; the oldest for {number.days(row['oldest_days'])}.{worth}"
    )


def _worth(row: dict[str, Any]) -> str:
    amount = row["amount_at_stake"]
    money = "" if number.is_null(amount) else f", {number.money(amount, row['currency'])}"
    return f"{number.count(row['n'])}{money}"


def _heard(row: dict[str, Any]) -> str:
    half = "not reached" if number.is_null(row["median_days"]) else number.days(row["median_days"])
    most = "not reached" if number.is_null(row["p90_days"]) else number.days(row["p90_days"])
    share = number.rate_with_interval(row["share"], row["low"], row["high"], row["n"])
    return (
        f"{str(row['outcome']).capitalize()}: half after {half}, nine in ten after {most}; {share} of "
        f"{number.count(row['n'])} within {number.days(row['by_days'])}."
    )


def _feedback_span(row: dict[str, Any]) -> form.Span:
    share = number.rate_with_interval(row["share"], row["low"], row["high"], row["n"])
    half = "not reached" if number.is_null(row["median_days"]) else number.days(row["median_days"])
    most = "not reached" if number.is_null(row["p90_days"]) else number.days(row["p90_days"])
    hover = f"{theme.safe(row['outcome'])}<br>{share}<br>median {half}, 90{number.GAP}% {most}"
    return form.Span(row["share"], row["low"], row["high"], f"{share}, {half}", hover)
