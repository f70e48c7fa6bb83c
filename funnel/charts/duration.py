"""How long cycles stay in each stage: a picture of `metrics.duration.in_stage`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme

NOT_REACHED = "not reached"


def in_stage(table: pd.DataFrame) -> go.Figure:
    """Return the median days in each stage with its interval (table: duration.in_stage without segments).

    A median that is not reached, or whose upper limit is not, is a number without a mark: it has no place
    on the axis.
    """
    rows = theme.records(table)
    known = [row for row in rows if not number.is_null(row["median_days"])]
    longest = max(known, key=lambda row: float(row["median_days"]), default=None)
    finding = (
        f"The longest stay is in {longest['title']}: half have left it after {_days(longest)}."
        if longest
        else "In no stage have half of those who entered left it."
    )
    rule = f"{theme.rule(table)} Dot: the median; line: 95 % interval."
    text = theme.Text("duration-in-stage", "How long they stay in each stage", rule, finding)
    tops = [float(row["median_high"]) for row in known if not number.is_null(row["median_high"])]
    labels = [form.counted(_name(row), row["n"]) for row in rows]
    return form.spans(text, labels, [_span(row) for row in rows], top=1.05 * max(tops, default=1.0) or 1.0)


def _span(row: dict[str, Any]) -> form.Span:
    is_marked = not number.is_null(row["median_high"])
    hover = [
        theme.safe(_name(row)),
        f"median {_days(row)}",
        f"a quarter left after {_or_not(row['p25'])}, three quarters after {_or_not(row['p75'])}",
        f"{number.count(row['n'])} entered, {number.count(row['n_open'])} of them still in it",
    ]
    low, high = (row["median_low"], row["median_high"]) if is_marked else (None, None)
    return form.Span(row["median_days"] if is_marked else None, low, high, _days(row), "<br>".join(hover))


def _days(row: dict[str, Any]) -> str:
    """Return "20 d (19–21)"; an end that is not reached is left open: "932 d (697–)"."""
    if number.is_null(row["median_days"]):
        return NOT_REACHED
    low, high = (_plain(row[f"median_{end}"]) for end in ("low", "high"))
    return f"{number.days(row['median_days'])} ({low}{number.DASH}{high})"


def _plain(value: Any) -> str:
    return "" if number.is_null(value) else number.days(value).removesuffix(f"{number.GAP}d")


def _or_not(value: Any) -> str:
    return NOT_REACHED if number.is_null(value) else number.days(value)


def _name(row: dict[str, Any]) -> str:
    return row["title"] if number.is_null(row["value"]) else f"{row['title']}, {row['value']}"
