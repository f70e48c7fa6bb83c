"""What was handed over and what became of it: pictures of the tables of `metrics.quality`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme
from funnel.charts.quality_delivery import at_handoff as at_handoff
from funnel.charts.quality_delivery import evidence as evidence
from funnel.charts.quality_delivery import fit_intent as fit_intent
from funnel.charts.quality_delivery import heard as heard
from funnel.charts.quality_delivery import profile as profile
from funnel.charts.quality_funnel import funnels as funnels
from funnel.charts.quality_funnel import groups as groups

LIMITS = (
    "Line: 95 % interval. Grey: what chance and the usual spread between groups give a group of this size "
    "(99.8 %)."
)
MOST = 20


def acceptance(table: pd.DataFrame, *, dimension: str) -> go.Figure:
    """Return the share accepted of each value, with its interval and limits (table: quality.acceptance)."""
    rows = theme.records(table.head(MOST))
    accepted, decided = table["n_accepted"].sum(), table["n_decided"].sum()
    overall = accepted / decided if decided else None
    words = dimension.replace("_", " ")
    text = theme.Text(
        f"acceptance-by-{dimension.replace('_', '-')}",
        f"Acceptance by {words}",
        f"{theme.rule(table)} {LIMITS}",
        _accepted(rows, overall, decided),
    )
    spans = [form.rate_span(row["value"], row | {"n": row["n_decided"]}, BOUNDS) for row in rows]
    labels = [form.counted(row["value"], row["n_decided"]) for row in rows]
    return form.spans(text, labels, spans, top=1.0, overall=overall)


def _accepted(rows: list[dict[str, Any]], overall: float | None, decided: float) -> str:
    if overall is None:
        return "No hand-off is decided yet."
    if rows[0]["state"] != "ok":
        return f"{str(rows[0]['state']).capitalize()}: no refusal is recorded."
    names = [form.named(row["value"]) for row in rows if form.outside(row)]
    ending = f"outside its limits: {', '.join(names)}" if names else "no group lies outside its limits"
    said = f"{number.rate(overall, decided)} of {number.count(decided)} decided hand-offs accepted"
    return f"Overall {said}; {ending}."


def rejection_reasons(table: pd.DataFrame) -> go.Figure:
    """Return the reasons of refused hand-offs, most frequent first (table: quality.rejection_reasons)."""
    rows = theme.records(table.head(MOST))
    reasons = list(dict.fromkeys(_reason(row) for row in rows))
    most = max(reasons, key=lambda reason: _refused(rows, reason), default="")
    finding = (
        f"Most frequent: {most}, {number.count(_refused(rows, most))} of "
        f"{number.count(rows[0]['n_refused'])} refused."
        if rows
        else "No hand-off was refused with a reason."
    )
    text = theme.Text("rejection-reasons", "Why hand-offs were refused", theme.rule(table), finding)
    parts = [form.Part(name, *_by_exit(rows, reasons, name)) for name in ("rejected", "recycled", "lost")]
    return form.stacks(text, reasons, parts, says=[_shares(rows, reason) for reason in reasons])


def completeness(table: pd.DataFrame) -> go.Figure:
    """Return the share of hand-offs that had each required field (table: quality.completeness)."""
    rows = theme.records(table)
    total = next((row for row in rows if row["is_total"]), None)
    finding = (
        f"{number.rate(total['rate'], total['n'])} of {number.count(total['n'])} hand-offs had every "
        "required field."
        if total
        else "The contract requires no field at hand-off, or nothing was handed off."
    )
    text = theme.Text("completeness", "Required fields present at hand-off", theme.rule(table), finding)
    labels = ["all required fields" if row["is_total"] else row["field"] for row in rows]
    spans = [form.rate_span(label, row) for label, row in zip(labels, rows, strict=True)]
    return form.spans(text, labels, spans, top=1.0)


def definition(table: pd.DataFrame) -> go.Figure:
    """Return how often each clause of the agreed definition was failed (table: quality.definition)."""
    rows = theme.records(table.head(MOST))
    known = [row for row in rows if not number.is_null(row["fail_rate"])]
    finding = (
        f"Failed most often: “{known[0]['words']}”, by "
        f"{number.rate(known[0]['fail_rate'], _known(known[0]))} of "
        f"{number.count(_known(known[0]))} hand-offs whose value was known."
        if known
        else "No clause could be judged."
    )
    text = theme.Text(
        "definition", "Which clause of the definition hand-offs failed", theme.rule(table), finding
    )
    spans = [form.rate_span(row["words"], row | {"rate": row["fail_rate"], "n": _known(row)}) for row in rows]
    labels = [f"{row['words']}, {row['version']}" for row in rows]
    top = max([float(row["high"]) for row in known if not number.is_null(row["high"])], default=1.0)
    return form.spans(text, labels, spans, top=min(max(top, 0.1), 1.0))


BOUNDS = ("limit_low", "limit_high")


def _reason(row: dict[str, Any]) -> str:
    return "no reason given" if number.is_null(row["reason"]) else str(row["reason"])


def _refused(rows: list[dict[str, Any]], reason: str) -> int:
    return sum(int(row["n"]) for row in rows if _reason(row) == reason)


def _shares(rows: list[dict[str, Any]], reason: str) -> str:
    n, whole = _refused(rows, reason), rows[0]["n_refused"]
    return f"{number.count(n)}, {number.rate(n / whole, whole)}"


def _by_exit(rows: list[dict[str, Any]], reasons: list[str], name: str) -> tuple[list[float], list[str]]:
    found = {_reason(row): float(row["n"]) for row in rows if row["exit"] == name}
    sizes = [found.get(reason, 0.0) for reason in reasons]
    hovers = [
        f"{theme.safe(reason)}<br>{name}: {number.count(size)}"
        for reason, size in zip(reasons, sizes, strict=True)
    ]
    return sizes, hovers


def _known(row: dict[str, Any]) -> int:
    return int(row["n_passed"]) + int(row["n_failed"])
