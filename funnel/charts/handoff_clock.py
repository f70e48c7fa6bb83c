"""The clocks of a hand-off: pictures of the tables of `metrics.handoff_clock`, `_wait` and `_work`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from funnel import number
from funnel.charts import form, theme

CLOCKS = (("elapsed", "median_elapsed_hours"), ("business", "median_business_hours"))


def clocks(table: pd.DataFrame) -> go.Figure:
    """Return the attainment of each SLA and tier with its interval (table: handoff.clocks, by all)."""
    rows = theme.records(table)
    finding = " ".join(_kept(row) for row in rows) or "The contract sets no time for an answer."
    text = theme.Text("clocks", "Were the deadlines kept, by tier?", theme.rule(table), finding)
    spans = [form.rate_span(_name(row), row) for row in rows]
    return form.spans(text, [form.counted(_name(row), row["n"]) for row in rows], spans, top=1.0)


def waits(table: pd.DataFrame) -> go.Figure:
    """Return the median hours of each clock, elapsed and business (table: handoff.waits)."""
    rows = [row for row in theme.records(table) if row.get("state", "ok") == "ok"]
    bars = [(row, clock, row[column]) for row in rows for clock, column in CLOCKS]
    text = theme.Text(
        "waits",
        "How long does a hand-off wait?",
        f"{theme.rule(table)} Bars: median hours.",
        " ".join(_waited(row) for row in rows) or "No hand-off is old enough to be judged.",
    )
    return form.bars(
        text,
        [f"{row['title']}, {clock}" for row, clock, _ in bars],
        [hours for _, _, hours in bars],
        [_hours(hours) for _, _, hours in bars],
        [_hover(row, clock, hours) for row, clock, hours in bars],
    )


def persistence(table: pd.DataFrame) -> go.Figure:
    """Return the share of hand-offs by attempts within the cadence (table: handoff.persistence)."""
    rows = [row for row in theme.records(table) if not row["is_total"]]
    total = [row for row in theme.records(table) if row["is_total"]]
    text = theme.Text(
        "persistence",
        "How often was it tried within the cadence?",
        theme.rule(table),
        _tried(total[0]) if total else "No hand-off's cadence has run out.",
    )
    spans = [form.rate_span(_attempts(row), row | {"n": total[0]["n"]}) for row in rows]
    return form.spans(text, [form.counted(_attempts(row), row["n"]) for row in rows], spans, top=1.0)


def _name(row: dict[str, Any]) -> str:
    name = str(row["sla"]).replace("_", " ").capitalize()
    return name if row["tier"] == "all" else f"{name}, {row['tier']}"


def _kept(row: dict[str, Any]) -> str:
    if row.get("state", "ok") != "ok":
        return f"{_name(row)}: {row['state']}."
    said = number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])
    unknown = f"; {number.count(row['n_unknown'])} unknown" if row["n_unknown"] else ""
    agreed = "" if number.is_null(row["agreed"]) else f"; agreed {number.rate(row['agreed'])}"
    return f"{_name(row)}: {said} of {number.count(row['n'])}{unknown}{agreed}."


def _hours(hours: Any) -> str:
    return "not reached" if number.is_null(hours) else number.hours(hours)


def _hover(row: dict[str, Any], clock: str, hours: Any) -> str:
    ended = number.rate_with_interval(row["rate"], row["low"], row["high"], row["n"])
    median = f"median {_hours(hours)} {clock}"
    return f"{theme.safe(row['title'])}<br>{median}<br>ended: {ended} of {number.count(row['n'])}"


def _waited(row: dict[str, Any]) -> str:
    business, elapsed = _hours(row["median_business_hours"]), _hours(row["median_elapsed_hours"])
    waiting = f"{number.count(row['n_waiting'])} of {number.count(row['n'])} without one to date"
    return f"{row['title']}: median {business} business, {elapsed} elapsed; {waiting}."


def _attempts(row: dict[str, Any]) -> str:
    n = int(row["attempts"])
    more = " or more" if n == int(row["agreed"]) else ""
    return f"{n}{more} attempt{'' if n == 1 and not more else 's'}"


def _tried(row: dict[str, Any]) -> str:
    if row.get("state", "ok") != "ok":
        return f"Not answerable: {row['state']}."
    given_up, n = number.count(row["n_gave_up"]), number.count(row["n"])
    return f"{given_up} of {n} hand-offs were touched and given up before the agreed attempts or an outcome."
