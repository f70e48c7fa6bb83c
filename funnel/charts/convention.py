"""The same conversion under each convention, order and age: pictures of `metrics.conversion`."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme

MOST, FARTHEST = 8, 1.5
ORDERS = {
    "implied": "Implied",
    "in order": "In order",
    "any order": "In any order",
    "strict": "Strict",
}


def conventions(table: pd.DataFrame) -> go.Figure:
    """Return one row per convention: five answers to one question (table: conversion.conventions)."""
    rows = theme.records(table)
    known = [row for row in rows if not number.is_null(row["rate"])]
    finding = "Nobody entered or closed." if not known else f"{_ends(known)} for the same two stages."
    rule = (
        "Only the cohort is the share of the same people who came further; period and snapshot compare "
        "different people and have no interval. The rule of each stands in the table and on its row."
    )
    text = theme.Text("conversion-conventions", "The same conversion, counted five ways", rule, finding)
    return form.spans(text, [row["title"] for row in rows], [_span(row) for row in rows],
                      top=top_of(rows))  # fmt: skip


def orders(table: pd.DataFrame) -> go.Figure:
    """Return one row per order of events: whom each lets count (table: conversion.orders)."""
    rows = theme.records(table)
    names = [ORDERS.get(row["order"], row["order"]) for row in rows]
    finding = "; ".join(
        f"{name.lower()}: {number.count(row['n_converted'])}" for name, row in zip(names, rows, strict=True)
    )
    whole = rows[0]["n_imputed"] if rows else 0
    rule = (
        f"One cohort, four orders of events. {number.count(whole)} of the implied were never observed at the "
        "stage; strict refuses who skipped a stage. Line: 95 % interval."
    )
    text = theme.Text("conversion-orders", "Who counts: the order of events", rule, f"Converted {finding}.")
    spans = [_span(row) for row in rows]
    return form.spans(text, names, spans, top=top_of(rows))


def same_age(table: pd.DataFrame) -> go.Figure:
    """Return the rate of each cohort at the age of the youngest (table: conversion.same_age)."""
    rows = theme.records(table)
    rows = rows[next((at for at, row in enumerate(rows) if row["n"] >= form.FEW), 0) :]
    mature = [row for row in rows if row["is_mature"] and not number.is_null(row["rate"])]
    mature = [row for row in mature if not theme.note(row)]
    text = theme.Text(
        "conversion-same-age", "Cohorts at the same age", theme.rule(table), _age_finding(mature)
    )
    top = max([float(row["high"]) for row in mature if row["n"] >= form.FEW], default=1.0)
    panel = course.Panel(
        title="",
        values=[row["rate"] if row["n"] >= form.FEW else None for row in rows],
        lows=[row["low"] for row in rows],
        highs=[row["high"] for row in rows],
        marks=[
            "" if not row["n"] else theme.note(row) if row["is_mature"] else course.NOT_YET for row in rows
        ],
        ticks=course.rate_ticks(top),
        hovers=[_age_hover(row) for row in rows],
        as_dots=True,
        cap=top,
    )
    return course.panels(text, course.month_labels([row["period_on"] for row in rows]), [panel], tall=True)


def mix(table: pd.DataFrame) -> go.Figure:
    """Return a change of conversion as mix and rate, in all and by segment (table: conversion.mix)."""
    rows = theme.records(table)
    whole = rows[-1]
    known = not number.is_null(whole["change"])
    finding = (
        f"The conversion moved {_points(whole['change'])}: {_points(whole['mix'])} by mix, "
        f"{_points(whole['rate_effect'])} by the rates within segments"
        f"{'; every segment moved the other way' if whole['is_reversed'] else ''}."
        if known
        else "There is no cohort before to compare with."
    )
    rule = f"{theme.rule(table)} {_spans(whole)} Line: 95 % interval; by segment mix and rate together."
    text = theme.Text("conversion-mix", "Why the conversion changed: mix or rate", rule, finding)
    parts = [("The change", "change"), ("of it mix", "mix"), ("of it rates", "rate_effect")]
    spans = [_part(whole, title, name) for title, name in parts] if known else []
    shown = rows[:-1][:MOST] if known else []
    spans += [_part(row, form.named(row["segment"]), "change") for row in shown]
    labels = [title for title, _ in parts] if known else []
    labels += [f"{form.named(row['segment'])} ({number.count(row['n_before'])} → {number.count(row['n'])})"
               for row in shown]  # fmt: skip
    ends = [
        abs(float(end)) for one in spans for end in (one.value, one.low, one.high) if not number.is_null(end)
    ]
    reach = max([*ends, 0.02])
    return form.spans(text, labels, spans, top=reach, bottom=-reach, overall=0.0)


def _span(row: dict[str, Any]) -> form.Span:
    low, high, n = row["low"], row["high"], row["n"]
    said = number.rate_with_interval(row["rate"], low, high, n)
    of = f"{number.count(row['n_converted'])} of {number.count(n)}"
    hover = "<br>".join(theme.safe(line) for line in textwrap.wrap(row["rule"], 60))
    if _is_off(row):
        return form.Span(None, None, None, f"{said}, {of}: off the scale", f"{hover}<br>{of}<br>{said}")
    return form.Span(row["rate"], low, high, f"{said}, {of}", f"{hover}<br>{of}<br>{said}")


def _is_off(row: dict[str, Any]) -> bool:
    """Say whether a ratio is so far above one that the shares beside it could not be told apart."""
    return not number.is_null(row["rate"]) and float(row["rate"]) > FARTHEST


def _part(row: dict[str, Any], title: str, name: str) -> form.Span:
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    said = _points(row[name])
    if not number.is_null(low):
        said += f" ({_points(low)[:-4]} to {_points(high)[:-4]})"
    before, now = number.rate(row["rate_before"], row["n_before"]), number.rate(row["rate"], row["n"])
    split = f"mix {_points(row['mix'])}, rate {_points(row['rate_effect'])}"
    return form.Span(row[name], low, high, said, f"{theme.safe(title)}<br>{before} → {now}<br>{split}")


def _points(difference: Any) -> str:
    """Return a difference in points with one decimal: its parts are seen to add up."""
    value = round(100 * float(difference), 1) + 0.0
    return f"{value:+.1f}".replace("-", number.MINUS).replace("+0.0", "0.0") + f"{number.GAP}pts"


def _spans(whole: dict[str, Any]) -> str:
    if number.is_null(whole["change"]):
        return ""
    now, before = (
        number.span(whole[a], whole[b]) for a, b in (("start_on", "end_on"), ("before_on", "before_end_on"))
    )
    return f"{now} against {before}."


def top_of(rows: list[dict[str, Any]]) -> float:
    """Return the end of a scale that holds every rate and interval of the rows."""
    drawn = [row for row in rows if not _is_off(row)]
    ends = [float(row[name]) for row in drawn for name in ("rate", "high") if not number.is_null(row[name])]
    return max(ends, default=1.0) * 1.05 or 1.0


def _ends(rows: list[dict[str, Any]]) -> str:
    low, high = (pick(rows, key=lambda row: float(row["rate"])) for pick in (min, max))
    return (
        f"From {number.rate(low['rate'], low['n'])} ({low['title'].lower()}) to "
        f"{number.rate(high['rate'], high['n'])} ({high['title'].lower()})"
    )


def _age_finding(mature: list[dict[str, Any]]) -> str:
    if not mature:
        return "No cohort has an age to compare at yet."
    last = mature[-1]
    said = f"{number.month(last['period_on'])} stands at {number.rate(last['rate'], last['n'])}"
    if number.is_null(last["change"]):
        return f"{said}."
    shown = last["change_low"] * last["change_high"] > 0
    return (
        f"{said}, {number.points(last['change'])} against the cohort before at the same age: a change is "
        f"{'shown' if shown else 'not shown'}."
    )


def _age_hover(row: dict[str, Any]) -> str:
    when = number.month(row["period_on"])
    if not row["is_mature"]:
        return f"{when}<br>not yet: younger than {number.days(row['age_days'])}"
    said = number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])
    note = "" if number.is_null(row["note"]) else f"<br>{theme.safe(row['note'])}"
    return f"{when}<br>{said} at {number.days(row['age_days'])}<br>{number.count(row['n'])} entered{note}"
