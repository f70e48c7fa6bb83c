"""Which groups lie outside their limits: funnel plots of the tables of `metrics.quality_group`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, funnel_plot, theme

LINES = (
    "Each dot is a group by its size (n, log scale) and rate; those outside the 99.8 % lines are named. "
    "Groups of fewer than ten are only in the table."
)
DRAWN = ("channel", "campaign", "content", "region", "industry", "company_size", "persona", "lead_type")
TOUCHED = {
    "touched_channel": "Channel touched before",
    "touched_campaign": "Campaign touched before",
    "touched_content": "Content touched before",
}
MOST, LEAST = 5, 3


def funnels(table: pd.DataFrame) -> go.Figure:
    """Return a funnel plot for each dimension, with a switch between them (table: quality.funnels).

    Left to the table: country, dimensions of fewer than three groups of ten, and a touched dimension that
    only repeats the lead's own.
    """
    outcome = str(table["outcome"].iloc[0]) if len(table) else "accepted"
    text = theme.Text(
        f"funnels-{outcome}".replace("_", "-"),
        "Acceptance by group"
        if outcome == "accepted"
        else f"Conversion by group: {outcome.replace('_', ' ')}",
        f"{theme.rule(table)} {LINES}",
        _finding(table),
    )
    kinds: Any = table.groupby("dimension", sort=False) if len(table) else []
    parts = [part for name, part in kinds if _is_drawn(str(name), table)]
    rows = [panel for part in parts if part["n"].sum() and len((panel := _panel(part)).dots) >= LEAST]
    return funnel_plot.panels(text, rows)


def groups(table: pd.DataFrame) -> go.Figure:
    """Return the funnel plot of one dimension (table: quality.groups)."""
    name = str(table["dimension"].iloc[0]) if len(table) else "group"
    outcome = str(table["outcome"].iloc[0]) if len(table) else "accepted"
    text = theme.Text(
        f"groups-{outcome}-{name}".replace("_", "-"),
        f"{outcome.replace('_', ' ').capitalize()} by {_words(name).lower()}",
        f"{theme.rule(table)} {LINES}",
        _finding(table),
    )
    return funnel_plot.panels(text, [_panel(table)] if len(table) and table["n"].sum() else [])


def _is_drawn(name: str, table: pd.DataFrame) -> bool:
    if name not in TOUCHED:
        return name in DRAWN
    twin = table[table["dimension"] == name.removeprefix("touched_")]
    mine = table[table["dimension"] == name]
    columns = ["n", "n_good"]
    return not twin[columns].reset_index(drop=True).equals(mine[columns].reset_index(drop=True))


def _panel(part: pd.DataFrame) -> funnel_plot.Panel:
    rows = [row for row in theme.records(part) if not row["is_small"] and not number.is_null(row["rate"])]
    dots = [
        funnel_plot.Dot(row["value"], float(row["n"]), float(row["rate"]), _hover(row), form.outside(row))
        for row in rows
    ]
    title = _words(str(part["dimension"].iloc[0]))
    return funnel_plot.Panel(title, dots, float(part["overall_rate"].iloc[0]), float(part["tau2"].iloc[0]))


def _hover(row: dict[str, Any]) -> str:
    n = row["n"]
    pooled = number.rate_with_interval(row["pooled_rate"], row["pooled_low"], row["pooled_high"], n)
    limits = number.interval(row["limit_low"], row["limit_high"], n)
    return "<br>".join(
        [
            theme.safe(form.named(row["value"])),
            f"{number.rate_with_interval(row['rate'], row['low'], row['high'], n)} of {number.count(n)}",
            f"pooled {pooled}",
            f"limits {limits}",
        ]
    )


def _finding(table: pd.DataFrame) -> str:
    if not len(table):
        return "Nobody entered at a known time, or nothing was handed over, so that no group can be judged."
    if not table["n"].sum():
        state = str(table["state"].iloc[0])
        return "No group is old enough yet." if state == "ok" else f"{state.capitalize()}."
    far = [row for row in theme.records(table) if form.outside(row) and not row["is_small"]]
    own = [(f"touched_{row['dimension']}", row["value"]) for row in far]
    far = [row for row in far if (row["dimension"], row["value"]) not in own]
    if not far:
        return f"None of {number.count((table['n'] > 0).sum())} groups lies outside its limits."
    said = "; ".join(_outside(row) for row in far[:MOST])
    more = f"; and {number.count(len(far) - MOST)} more" if len(far) > MOST else ""
    return f"Outside their limits: {said}{more}."


def _outside(row: dict[str, Any]) -> str:
    rate = number.rate(row["rate"], row["n"])
    all_of = number.rate(row["overall_rate"], row["n"])
    words = _words(str(row["dimension"])).lower()
    return f"{words} “{form.named(row['value'])}”, {rate} of {number.count(row['n'])}, all {all_of}"


def _words(name: str) -> str:
    return TOUCHED.get(name, name.replace("_", " ").capitalize())
