"""What is ahead and what lies behind a KPI: outlook, shared index, sales velocity, win rates."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme
from funnel.charts.kpi_words import ROUND, said

TOP = 2.0
INPUTS = (
    ("n_open", "", "", "Opportunities open at the end", "count"),
    ("win_rate", "win_low", "win_high", "Win rate", "rate"),
    ("mean_amount", "mean_low", "mean_high", "Mean won amount", "money"),
    ("days", "days_low", "days_high", "Mean days from creation to close", "days"),
    ("velocity_week", "low", "high", "Sales velocity: won amount a week at that pace", "money"),
)


def outlook(table: pd.DataFrame, *, currency: str) -> go.Figure:
    """Return where each KPI with a target will stand at the end of its period (table: kpi.outlook)."""
    rows = [row for row in theme.records(table) if not number.is_null(row["attainment"])]
    short = [str(row["title"]) for row in rows if _is_short(row)]
    finding = "None is shown to end short of what was agreed."
    if short:
        finding = f"Shown to end short of what was agreed: {', '.join(short)}."
    if not rows:
        finding = "No KPI with a target can be forecast yet."
    rule = (
        "Dot: forecast to the end of the period / what was agreed, with its 90 % interval, cut at 200 %; "
        "dotted: what was agreed. From the same point of the periods before. KPIs without a target or a "
        "forecast, and why, are in the table."
    )
    periods = sorted({_period(row) for row in rows})
    one = periods[0] if len(periods) == 1 else ""
    text = theme.Text("kpi-outlook", f"What {one or 'the period'} will come to", rule, finding)
    labels = [str(row["title"]) if one else f"{row['title']}, {_period(row)}" for row in rows]
    return form.spans(text, labels, [_span(row, currency) for row in rows], top=TOP, overall=1.0)


def attainment_index(table: pd.DataFrame, *, currency: str) -> go.Figure:
    """Return what each target gives to the shared index (table: kpi.attainment_index)."""
    rows = [row for row in theme.records(table) if not row["is_total"] and row["state"] == "ok"]
    rows = [row for row in rows if not number.is_null(row["contribution"])]
    total = theme.records(table)[-1]
    text = theme.Text("attainment-index", "The shared index", theme.rule(table), _index_finding(rows, total))
    texts = [f"{_points(row['contribution'])} of {_points(row['share'])}" for row in rows]
    labels = [f"{row['title']} (weight {row['weight']:g})" for row in rows]
    hovers = [
        f"{theme.safe(row['title'])}<br>{number.rate(row['attainment'])} reached: "
        f"{said(row['value'], row['unit'], row['n'], currency)} of "
        f"{said(row['target'], row['unit'], None, currency)}"
        for row in rows
    ]
    colours = [theme.ACCENT if row["contribution_high"] < row["share"] else theme.DATA for row in rows]
    return form.bars(text, labels, [row["contribution"] for row in rows], texts, hovers, colours=colours)


def sales_velocity(table: pd.DataFrame, *, currency: str) -> go.Figure:
    """Return sales velocity and its four inputs by period, each in a panel (table: kpi.sales_velocity)."""
    rows = theme.records(table)
    whole = [row for row in rows if row["is_complete"] and row["state"] == "ok"]
    finding = "There is no period of which all four inputs are known."
    if whole:
        last = whole[-1]
        finding = (
            f"{number.money(last['velocity_week'], currency)} a week in {_quarter(last['period_on'])}: "
            f"{number.count(last['n_open'])} open x {number.rate(last['win_rate'], last['n'])} won x "
            f"{number.money(last['mean_amount'], currency)} / {number.days(last['days'])} x 7."
        )
    text = theme.Text("sales-velocity", "Sales velocity and its inputs", theme.rule(table), finding)
    labels = [_quarter(row["period_on"]).replace(" ", "<br>") for row in rows]
    panels = [_panel(rows, *one, currency=currency) for one in INPUTS] if whole else []
    return course.panels(text, labels, panels)


def win_rates(table: pd.DataFrame) -> go.Figure:
    """Return the win rate by number per value of the table's first split (table: kpi.win_rates)."""
    rows = [row for row in theme.records(table) if not number.is_null(row["rate"])]
    split = str(table.columns[0])
    out = [form.named(row[split]) for row in rows if form.outside(row)]
    finding = f"Outside the limits: {', '.join(map(str, out))}." if out else "None lies outside the limits."
    if not rows:
        finding = f"Win rates: {table['state'].iloc[0] if len(table) else 'no opportunity was closed'}."
    title = f"Win rates by {split.replace('_', ' ')}"
    text = theme.Text(f"win-rates-{split.replace('_', '-')}", title, theme.rule(table), finding)
    labels = [form.counted(row[split], row["n"]) for row in rows]
    spans = [form.rate_span(form.named(row[split]), row, ("limit_low", "limit_high")) for row in rows]
    highs = [float(row["high"]) for row in rows]
    return form.spans(text, labels, spans, top=min(1.2 * max(highs, default=1.0), 1.0))


def _span(row: dict[str, Any], currency: str) -> form.Span:
    ends = [min(float(row[name]) / float(row["target"]), TOP) for name in ("forecast", "low", "high")]
    value, low, high = (said(row[name], row["unit"], None, currency) for name in ("forecast", "low", "high"))
    target = said(row["target"], row["unit"], None, currency)
    text = f"{value} ({low} to {high}) of {target}"
    so_far = said(row["so_far"], row["unit"], None, currency)
    before = said(row["before_so_far"], row["unit"], None, currency)
    hover = f"{theme.safe(row['title'])}<br>{text}<br>so far {so_far}; the one before by then {before}"
    return form.Span(ends[0], ends[1], ends[2], text, hover, is_outside=_is_short(row))


def _is_short(row: dict[str, Any]) -> bool:
    is_up = row["direction"] == "up"
    return bool(row["high"] < row["target"] if is_up else row["low"] > row["target"])


def _period(row: dict[str, Any]) -> str:
    return _quarter(row["period_on"]) if row["period"] == "quarter" else number.month(row["period_on"])


def _quarter(day: Any) -> str:
    start = pd.Timestamp(day)
    return f"Q{start.quarter} {start.year}"


def _index_finding(rows: list[dict[str, Any]], total: dict[str, Any]) -> str:
    if total["state"] != "ok":
        return f"No index: {total['missing']}."
    least = min(rows, key=lambda row: (row["capped"], row["title"]))
    ends = number.interval(total["contribution_low"], total["contribution_high"])
    return (
        f"{number.rate(total['contribution'])} {ends} of what both teams agreed on, over "
        f"{number.count(total['n'])} targets; least reached: {least['title']}, "
        f"{number.rate(least['attainment'])}."
    )


def _points(share: Any) -> str:
    return f"{100 * float(share):.1f}"


def _panel(
    rows: list[dict[str, Any]], name: str, low: str, high: str, title: str, unit: str, *, currency: str
) -> course.Panel:
    values = [row[name] for row in rows]
    tops = [row[high or name] for row in rows if row["is_complete"]]
    top = max((float(each) for each in tops if not number.is_null(each)), default=1.0)
    at = course.rate_ticks(top) if unit == "rate" else _ticks(top, unit, currency)
    hovers = [
        f"{_quarter(row['period_on'])}<br>{said(row[name], unit, row['n'], currency)}<br>"
        f"n = {number.count(row['n'])}"
        for row in rows
    ]
    none = [None] * len(rows)
    return course.Panel(
        title=title,
        values=values,
        lows=[row[low] for row in rows] if low else none,
        highs=[row[high] for row in rows] if high else none,
        marks=["" if row["is_complete"] else course.NOT_YET for row in rows],
        ticks=at,
        hovers=hovers,
        as_dots=True,
    )


def _ticks(top: float, unit: str, currency: str) -> list[tuple[float, str]]:
    return [(at, ROUND.sub("", said(at, unit, None, currency))) for at in course.round_ticks(top)]
