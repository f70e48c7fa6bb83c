"""What became of recycled leads, and what was closed as bad: pictures of the tables of `metrics.recycle`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme

STEPS = (("back", "came back"), ("handed", "handed over again"), ("won", "won"))
MOST = 4


def returns(table: pd.DataFrame) -> go.Figure:
    """Return who came back, was handed over again and won, by reason (table: recycle.returns)."""
    rows = theme.records(table)
    total = next((row for row in rows if row["is_total"]), None)
    shown = [row for row in rows if not row["is_total"] and row["n"] >= form.FEW][:MOST]
    shown += [total] if total and total["n"] else []
    parts = [(row, name, title) for row in shown for name, title in STEPS]
    text = theme.Text(
        "recycle-returns",
        "What recycled leads yield, by reason",
        f"{theme.rule(table)} Reasons with fewer than ten are in the table alone.",
        _returned(total),
        is_empty=not parts,
    )
    labels = [f"{_reason(row)}: {title} ({number.count(row['n'])})" for row, _, title in parts]
    spans = [_span(row, name, label) for (row, name, _), label in zip(parts, labels, strict=True)]
    ends = [float(span.high) for span in spans if not number.is_null(span.high)]
    return form.spans(text, labels, spans, top=min(1.05 * max([*ends, 0.1]), 1.0))


def closed(table: pd.DataFrame) -> go.Figure:
    """Return how many rejected passes were no bad leads, by reason (table: recycle.closed)."""
    rows = theme.records(table)
    total = next((row for row in rows if row["is_total"]), None)
    shown = [row for row in rows if not row["is_total"] and row["n_wrong"]]
    shown.sort(key=lambda row: -row["n_wrong"])
    text = theme.Text(
        "recycle-closed",
        "Closed as bad, and were not",
        theme.rule(table),
        _closed(total),
        is_empty=not shown,
    )
    texts = [f"{number.count(row['n_wrong'])} of {number.count(row['n'])}" for row in shown]
    hovers = [_closed_hover(row) for row in shown]
    return form.bars(text, [_reason(row) for row in shown], [row["n_wrong"] for row in shown], texts, hovers)


def _span(row: dict[str, Any], name: str, label: str) -> form.Span:
    given = {"rate": row[f"{name}_rate"], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}
    return form.rate_span(label, row | given)


def _reason(row: dict[str, Any]) -> str:
    return "All" if row["is_total"] else form.named(row["reason"])


def _returned(total: dict[str, Any] | None) -> str:
    if total is None or not total["n_recycled"]:
        return "No lead was recycled."
    if not total["n"]:
        return f"None of {number.count(total['n_recycled'])} recycled leads is old enough to be judged."
    said = [
        number.rate_with_interval(
            total[f"{name}_rate"], total[f"{name}_low"], total[f"{name}_high"], total["n"]
        )
        for name, _ in STEPS
    ]
    return (
        f"Of {number.count(total['n'])} recycled leads, {said[0]} came back within "
        f"{number.days(total['within_days'])}, {said[1]} were handed over again, {said[2]} were won."
    )


def _closed(total: dict[str, Any] | None) -> str:
    if total is None or not total["n"]:
        return "No lead was rejected."
    said = number.rate_with_interval(total["rate"], total["low"], total["high"], total["n"])
    return (
        f"{number.count(total['n_wrong'])} of {number.count(total['n'])} rejected leads, {said}, were no bad "
        f"leads: {number.count(total['n_listed'])} for a reason that the contract lists as recycled, "
        f"{number.count(total['n_accepted'])} were accepted in a later pass, "
        f"{number.count(total['n_won'])} won."
    )


def _closed_hover(row: dict[str, Any]) -> str:
    said = number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])
    return (
        f"{theme.safe(_reason(row))}<br>{said} of {number.count(row['n'])}<br>"
        f"{number.count(row['n_accepted'])} accepted later"
    )
