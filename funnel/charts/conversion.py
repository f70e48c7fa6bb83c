"""How many got how far, and what share of each kind: pictures of the tables of `metrics.conversion`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme
from funnel.charts.convention import conventions, mix, orders, same_age
from funnel.charts.segment import entries, segments
from funnel.charts.show import Shown, listing

__all__ = [
    "by_dimension",
    "cohorts",
    "compared",
    "conventions",
    "entries",
    "funnel",
    "mix",
    "orders",
    "rate",
    "reached",
    "same_age",
    "segments",
    "two_rules",
]

LIMITS = (
    "Line: 95 % interval. Grey: what chance and the usual spread between groups give a group of this size "
    "(99.8 %). Dots: all."
)
RULES = ["title", "n_start", "n_reached"]
RULES += [f"{what}_{rule}" for what in ("lost_share", "win_rate") for rule in ("open_as_lost", "decided")]
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
    text = theme.Text(
        "conversion-funnel", "The funnel of the latest mature cohort", theme.rule(table), finding
    )
    return form.stacks(
        text, [row["title"] for row in rows], _flow(rows, "n"), says=[_stage_text(row) for row in rows]
    )


def compared(table: pd.DataFrame) -> go.Figure:
    """Return the change of each step against the cohort before (table: conversion.funnel_compared)."""
    rows = theme.records(table)[:-1]
    names = [f"{row['title']} → {after}" for row, after in zip(rows, table["title"].iloc[1:], strict=True)]
    shown = [
        f"{name} {number.points(row['next_change'])}"
        for name, row in zip(names, rows, strict=True)
        if not number.is_null(row["next_change_low"]) and row["next_change_low"] * row["next_change_high"] > 0
    ]
    finding = (
        f"Shown: {'; '.join(shown)}." if shown else "No change of a step is shown: every interval holds zero."
    )
    rule = f"{theme.rule(table)} Against the three months before; line: 95 % interval (Newcombe)."
    text = theme.Text("conversion-compared", "Each step against the three months before", rule, finding)
    spans = [_change(name, row) for name, row in zip(names, rows, strict=True)]
    ends = [abs(float(end)) for span in spans for end in (span.low, span.high) if not number.is_null(end)]
    reach = max([*ends, 0.02])
    return form.spans(text, names, spans, top=reach, bottom=-reach, overall=0.0)


def _change(name: str, row: dict[str, Any]) -> form.Span:
    low, high = row["next_change_low"], row["next_change_high"]
    ends = "" if number.is_null(low) else f" ({number.points(low)[:-4]} to {number.points(high)[:-4]})"
    said = f"{number.points(row['next_change'])}{ends}"
    before, now = (
        number.rate(row["next_rate_before"], row["n_before"]),
        number.rate(row["next_rate"], row["n"]),
    )
    return form.Span(row["next_change"], low, high, said, f"{theme.safe(name)}<br>{before} → {now}<br>{said}")


def cohorts(table: pd.DataFrame) -> go.Figure:
    """Return the rate of each cohort with its interval; young cohorts hatched (table: conversion.cohorts).

    It begins with the first cohort of ten or more; smaller ones are in the table alone.
    """
    return _by_cohort(table, "conversion-cohorts", "Conversion by cohort")


def rate(table: pd.DataFrame) -> go.Figure:
    """Return the same for any two stages (table: conversion.rate by period, cohort conventions)."""
    return _by_cohort(table, "conversion-rate", "The agreed conversion by cohort")


def _by_cohort(table: pd.DataFrame, name: str, title: str) -> go.Figure:
    rows = theme.records(table)
    rows = rows[next((at for at, row in enumerate(rows) if row["n"] >= form.FEW), 0) :]
    mature = [row for row in rows if not _mark(row) and not number.is_null(row["rate"])]
    finding = _cohort_finding(mature)
    text = theme.Text(name, title, theme.rule(table), finding)
    top = max([float(row["high"]) for row in mature if row["n"] >= form.FEW], default=1.0)
    panel = course.Panel(
        title="",
        values=[row["rate"] if row["n"] >= form.FEW else None for row in rows],
        lows=[row["low"] for row in rows],
        highs=[row["high"] if row["is_mature"] else None for row in rows],
        marks=[_mark(row) for row in rows],
        ticks=course.rate_ticks(top),
        hovers=[_cohort_hover(row) for row in rows],
        as_dots=True,
        cap=top,
    )
    return course.panels(text, course.month_labels([row["period_on"] for row in rows]), [panel], tall=True)


def by_dimension(table: pd.DataFrame, *, dimension: str) -> go.Figure:
    """Return the rate of each value with its interval, largest first (table: conversion.by_dimension)."""
    rows = theme.records(table.sort_values("n", ascending=False, kind="stable").head(20))
    n, converted = table["n"].sum(), table["n_converted"].sum()
    overall = converted / n if n else None
    finding = f"Overall {number.rate(overall, n)} of {number.count(n)}; {_outside(rows)}."
    if table["value"].isna().all():
        finding, rows = f"Not in this source: no lead has a {dimension.replace('_', ' ')}.", []
    title = f"Conversion by {dimension.replace('_', ' ')}"
    text = theme.Text(
        f"conversion-by-{dimension.replace('_', '-')}", title, f"{theme.rule(table)} {LIMITS}", finding
    )
    tops = [float(row["high"]) * 1.05 for row in rows if not number.is_null(row["high"])]
    spans = [form.rate_span(row["value"], row, ("limit_low", "limit_high")) for row in rows]
    labels = [form.counted(row["value"], row["n"]) for row in rows]
    return form.spans(text, labels, spans, top=min(max(tops, default=1.0), 1.0), overall=overall)


def reached(table: pd.DataFrame) -> go.Figure:
    """Return where all cycles to date stand, by the furthest stage they reached (conversion.reached)."""
    rows = theme.records(table)
    first = rows[0] if rows else None
    finding = (
        f"Of {number.count(first['n_start'])} in all, {number.count(first['n_won'])} were won: "
        f"{number.rate(first['win_rate_open_as_lost'], first['n_start'])} if the open ones count as not won"
        if first
        else "There is nothing in the funnel"
    )
    if first and not number.is_null(first["win_rate_decided"]):
        finding += f", {number.rate(first['win_rate_decided'], first['n_start'])} of those decided"
    rule = "All to date, whatever their age: how many reached each stage, and how the rest ended."
    text = theme.Text("conversion-reached", "Everyone to date", rule, f"{finding}.")
    says = [number.count(row["n_reached"]) for row in rows]
    return form.stacks(text, [row["title"] for row in rows], _flow(rows, "n_reached"), says=says)


def two_rules(table: pd.DataFrame) -> Shown:
    """Return the shares lost and won under both rules for the open ones, as a table (conversion.reached)."""
    rule = "" if table.empty else f"{table['rule_open_as_lost'].iloc[0]} {table['rule_decided'].iloc[0]}"
    return listing(table[RULES], name="two-rules", title="Two rules for the open ones", rule=rule)


def _flow(rows: list[dict[str, Any]], reached: str) -> list[form.Part]:
    """Return what became of those who reached each stage; the parts of a bar add up to them."""
    nexts = [row[reached] for row in rows[1:]]
    sizes = {"went on": [*map(_zero, nexts), 0.0], "won": [0.0] * len(rows)}
    sizes |= {name: [_zero(row[f"n_{name}"]) for row in rows] for name in EXITS}
    for name in EXITS:
        sizes[name][-1:] = [0.0] * len(rows[-1:])
    sizes["won"][-1:] = [_zero(row[reached]) for row in rows[-1:]]
    return [
        form.Part(name, values[: len(rows)], _hovers(rows, name, values)) for name, values in sizes.items()
    ]


def _hovers(rows: list[dict[str, Any]], name: str, sizes: list[float]) -> list[str]:
    return [
        f"{_stage_hover(row)}<br><br>{name}: {number.count(size)}"
        for row, size in zip(rows, sizes, strict=False)
    ]


def _stage_text(row: dict[str, Any]) -> str:
    if number.is_null(row["next_rate"]):
        return number.count(row["n"])
    return f"{number.count(row['n'])}, {number.rate(row['next_rate'], row['n'])} go on"


def _stage_hover(row: dict[str, Any]) -> str:
    if "n" not in row:
        return f"{theme.safe(row['title'])}<br>{number.count(row['n_reached'])} reached"
    n = row["n"]
    return "<br>".join(
        [
            theme.safe(row["title"]),
            f"{number.count(n)} reached, {number.count(row['n_imputed'])} of them imputed",
            f"next step {number.rate_with_interval(row['next_rate'], row['next_low'], row['next_high'], n)}",
            f"from the start {number.rate_with_interval(row['rate'], row['low'], row['high'], n)}",
        ]
    )


def _mark(row: dict[str, Any]) -> str:
    """Return why a cohort cannot be judged."""
    if not row["n"]:
        return ""
    return theme.note(row) if row["is_mature"] else course.NOT_YET


def _cohort_hover(row: dict[str, Any]) -> str:
    when = number.month(row["period_on"])
    if not row["is_mature"]:
        return f"{when}<br>not yet: {number.rate(row['observed_share'])} of its window is over"
    said = number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])
    note = "" if number.is_null(row["note"]) else f"<br>{theme.safe(row['note'])}"
    return f"{when}<br>{said}<br>{number.count(row['n_converted'])} of {number.count(row['n'])}{note}"


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


def _zero(value: Any) -> float:
    return 0.0 if number.is_null(value) else float(value)
