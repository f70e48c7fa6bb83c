"""Campaigns in open negotiations: pictures of the tables of `metrics.overlap`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme

MOST = 12


def touches(table: pd.DataFrame, *, by: str) -> go.Figure:
    """Return the share of touches on open opportunities, by 'channel' or 'campaign' (overlap.touches)."""
    rows = theme.records(table)
    total = next((row for row in rows if row["is_total"]), None)
    is_known = total is not None and total["state"] == "ok"
    shown = [row for row in rows if not row["is_total"] and row["n_touches"]][:MOST] if is_known else []
    text = theme.Text(
        f"overlap-by-{by}",
        f"Touches of open opportunities, by {by}",
        theme.rule(table),
        _told(total),
        is_empty=not shown,
    )
    spans = [_span(row) for row in shown]
    ends = [float(span.high) for span in spans if not number.is_null(span.high)]
    labels = [form.counted(row["value"], row["n"]) for row in shown]
    return form.spans(text, labels, spans, top=min(1.05 * max([*ends, 0.02]), 1.0))


def outcomes(table: pd.DataFrame) -> go.Figure:
    """Return the win rate of opportunities by who was touched while they were open (overlap.outcomes)."""
    rows = theme.records(table)
    known = [row for row in rows if not number.is_null(row["rate"])]
    finding = str(rows[0]["sentence"]) if rows else "There is no opportunity."
    text = theme.Text(
        "overlap-outcomes",
        "What touched opportunities did",
        theme.rule(table),
        finding,
        is_empty=not known,
    )
    spans = [form.rate_span(row["title"], row | {"n": row["n_won"] + row["n_lost"]}) for row in rows]
    labels = [form.counted(str(row["title"]).capitalize(), row["n"]) for row in rows]
    ends = [float(row["high"]) for row in known]
    return form.spans(text, labels, spans, top=min(1.05 * max([*ends, 0.1]), 1.0))


def _span(row: dict[str, Any]) -> form.Span:
    span = form.rate_span(row["value"], row)
    more = (
        f"{number.count(row['n_touches'])} touches, {number.count(row['n_opportunities'])} opportunities<br>"
        f"{number.count(row['n_account_touches'])} by others of the account<br>"
        f"spend on them {number.money(row['spend_amount'], row['currency'])}"
    )
    return form.Span(span.value, span.low, span.high, span.text, f"{span.hover}<br>{more}")


def _told(total: dict[str, Any] | None) -> str:
    if total is None or total["state"] != "ok":
        why = {"undefined": "of no opportunity is known when it was open"}
        return f"Cannot be judged: {why.get(total['state'], total['state']) if total else 'no touch'}."
    said = number.rate_with_interval(total["rate"], total["low"], total["high"], total["n"])
    money = (
        ""
        if number.is_null(total["spend_amount"])
        else f"; {number.money(total['spend_amount'], total['currency'])} of "
        f"{number.money(total['all_spend_amount'], total['currency'])} campaign spend fell on them"
    )
    return (
        f"{number.count(total['n_touches'])} of {number.count(total['n'])} touches, {said}, met "
        f"{number.count(total['n_opportunities'])} open opportunities, "
        f"{number.count(total['n_account_touches'])} of them at the account only{money}."
    )
