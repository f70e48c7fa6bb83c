"""The shared KPIs: pictures of the tables of `metrics.kpi`, and how the value of a KPI is said."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import course, form, theme
from funnel.charts.kpi_ahead import attainment_index as attainment_index
from funnel.charts.kpi_ahead import outlook as outlook
from funnel.charts.kpi_ahead import sales_velocity as sales_velocity
from funnel.charts.kpi_ahead import win_rates as win_rates
from funnel.charts.kpi_words import ROUND
from funnel.charts.kpi_words import said as said

MOST = 1.25
BAND = "Blue: the band of ordinary variation; dotted: agreed; hatched: not yet."


def scorecard(table: pd.DataFrame, *, currency: str) -> go.Figure:
    """Return what was reached of what was agreed, for the KPIs with a target (table: kpi.scorecard)."""
    rows = [row for row in theme.records(table) if _has(row, "attainment")]
    short = [str(row["title"]) for row in rows if is_short(row)]
    finding = f"Shown short of what was agreed: {', '.join(short)}." if short else "None is shown short."
    if not rows:
        finding = "The contract sets no target that can be judged yet."
    rule = "Bar: value / agreed value, cut at 125 %; the line: what was agreed. All KPIs are in the table."
    text = theme.Text("scorecard", "Reached and agreed", rule, finding)
    shares = [min(float(row["attainment"]), MOST) for row in rows]
    colours = [theme.ACCENT if is_short(row) else theme.DATA for row in rows]
    texts = [_score_text(row, currency) for row in rows]
    labels = [row["title"] for row in rows]
    figure = form.bars(text, labels, shares, texts, _score_hovers(rows, currency), colours=colours)
    figure.update_layout(xaxis=theme.axis(0, MOST))
    line = {"color": theme.INK, "width": 1}
    return figure.add_shape(type="line", x0=1, x1=1, y0=-0.5, y1=len(rows) - 0.5, line=line)


def weekly(table: pd.DataFrame, *, currency: str) -> go.Figure:
    """Return the last 26 weeks of each KPI in its band of ordinary variation (table: kpi.weekly)."""
    every = [theme.records(rows) for _, rows in table.groupby("kpi", sort=False)]
    groups = [rows for rows in every if any(row["is_mature"] for row in rows)]
    outside = [f"{rows[0]['title']} in {_count_outside(rows)}" for rows in groups if _count_outside(rows)]
    young = [str(rows[0]["title"]) for rows in every if rows not in groups]
    finding = (
        f"Weeks outside the band: {'; '.join(outside)}." if outside else "No week lies outside its band."
    )
    finding += f" Not yet: {', '.join(young)}." if young else ""
    weeks = sorted(set(table["week_on"]))
    rule = f"By week. {BAND} How each KPI is counted stands on the front page."
    text = theme.Text("kpi-weekly", f"The last {len(weeks)} weeks", rule, finding)
    return course.panels(text, course.month_labels(weeks), [panel(rows, weeks, currency) for rows in groups])


def one_weekly(table: pd.DataFrame, *, currency: str) -> go.Figure:
    """Return the weeks of a single KPI as one small panel (rows of kpi.weekly of one KPI)."""
    rows, weeks = theme.records(table), sorted(set(table["week_on"]))
    text = theme.Text(
        f"change-{rows[0]['kpi']}", str(rows[0]["title"]), str(rows[0]["rule"]), change(rows, currency)
    )
    bare = panel(rows, weeks, currency, title="")
    return course.panels(text, course.month_labels(weeks, most=4), [bare])


def is_short(row: dict[str, Any]) -> bool:
    """Say whether a KPI is shown to be short of its target: its whole interval lies on the wrong side."""
    if number.is_null(row["target"]) or number.is_null(row["value"]):
        return False
    is_up = row["direction"] == "up"
    end = row["high"] if is_up else row["low"]
    reached = row["value"] if number.is_null(end) else end
    return bool(reached < row["target"] if is_up else reached > row["target"])


def panel(
    rows: list[dict[str, Any]], weeks: list[Any], currency: str, *, title: str | None = None
) -> course.Panel:
    """Return the panel of one KPI over the given weeks; a week without a row is empty."""
    by_week = {row["week_on"]: row for row in rows}
    every = [by_week.get(week, {}) for week in weeks]
    unit = str(rows[0]["unit"])
    tops = [
        float(value)
        for row in rows
        for value in (row["value"], row["band_high"])
        if not number.is_null(value)
    ]
    top = max([*tops, *([float(rows[0]["target"])] if _has(rows[0], "target") else [])], default=1.0)
    return course.Panel(
        title=str(rows[0]["title"]) if title is None else title,
        values=[row.get("value") for row in every],
        lows=[row.get("band_low") for row in every],
        highs=[row.get("band_high") for row in every],
        marks=[course.NOT_YET if row and not row["is_mature"] else "" for row in every],
        ticks=_ticks(unit, top, currency),
        hovers=[_week_hover(row, unit, currency) if row else "" for row in every],
        target=rows[0]["target"],
    )


def change(rows: list[dict[str, Any]], currency: str) -> str:
    """Return the latest mature week of a KPI against its band, in a sentence."""
    mature = [row for row in rows if row["is_mature"] and not number.is_null(row["value"])]
    if not mature:
        return "Not yet: no week can be judged."
    last, unit = mature[-1], str(rows[0]["unit"])
    value = said(last["value"], unit, last["n"], currency)
    week = f"week of {number.short_day(last['week_on'])}"
    if number.is_null(last["band_low"]):
        return f"{value} in the {week}; no band yet."
    low, high = (said(last[end], unit, last["n"], currency) for end in ("band_low", "band_high"))
    ending = "It lies outside." if last["is_outside"] else "No difference shown."
    return f"{value} in the {week}; ordinary: {low} to {high}. {ending}"


def cost(table: pd.DataFrame, *, currency: str) -> go.Figure:
    """Return the cost per lead and per won customer by channel (table: kpi.cost)."""
    rows = theme.records(table)
    total = next((row for row in rows if row["is_total"]), None)
    finding = (
        f"In all {number.money(total['cost_per_lead'], currency)} per lead and "
        f"{number.money(total['cost_per_won'], currency)} per win."
        if total and total["state"] == "ok"
        else f"Spend: {total['state']}."
        if total
        else "There is no spend."
    )
    text = theme.Text("cost", "Cost per lead and per win, by channel", theme.rule(table), finding)
    labels = ["all channels" if row["is_total"] else form.named(row["channel"]) for row in rows]
    texts = [_cost_text(row, currency) for row in rows]
    hovers = [f"{theme.safe(label)}<br>{said}" for label, said in zip(labels, texts, strict=True)]
    return form.bars(text, labels, [row["cost_per_won"] for row in rows], texts, hovers)


def _has(row: dict[str, Any], name: str) -> bool:
    return not number.is_null(row[name])


def _score_text(row: dict[str, Any], currency: str) -> str:
    if row["state"] != "ok":
        return str(row["state"])
    value = said(row["value"], row["unit"], row["n"], currency)
    return f"{value} of {said(row['target'], row['unit'], None, currency)}" if _has(row, "target") else value


def _score_hovers(rows: list[dict[str, Any]], currency: str) -> list[str]:
    return [
        "<br>".join(
            [
                theme.safe(row["title"]),
                _score_text(row, currency),
                f"n = {number.count(row['n'])}",
                theme.safe(row["owners"]),
            ]
        )
        for row in rows
    ]


def _week_hover(row: dict[str, Any], unit: str, currency: str) -> str:
    week = number.short_day(row["week_on"])
    if not row["is_mature"]:
        return f"{week}<br>not yet"
    return f"{week}<br>{said(row['value'], unit, row['n'], currency)}<br>n = {number.count(row['n'])}"


def _count_outside(rows: list[dict[str, Any]]) -> int:
    return sum(bool(row["is_outside"]) for row in rows)


def _ticks(unit: str, top: float, currency: str) -> list[tuple[float, str]]:
    if unit == "rate":
        return course.rate_ticks(top)
    return [(at, ROUND.sub("", said(at, unit, None, currency))) for at in course.round_ticks(top)]


def _cost_text(row: dict[str, Any], currency: str) -> str:
    if row["state"] != "ok":
        return str(row["state"])
    per_lead, per_won = (
        number.money(row["cost_per_lead"], currency),
        number.money(row["cost_per_won"], currency),
    )
    return f"{per_won} per win, {per_lead} per lead"
