"""The shared attainment index: what was reached of all that was agreed, in one number for both teams."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.metrics.scorecard import scorecard

CAP = 1.25
DIGITS = 6
COLUMNS = [
    *("kpi", "title", "owners", "period", "period_on", "weight", "share", "target", "value", "low", "high"),
    *("n", "unit", "attainment", "capped", "contribution", "contribution_low", "contribution_high"),
    *("is_total", "state", "missing", "rule"),
]
RULE = (
    "Shared attainment index: the weighted mean of what was reached of each target, each in its latest "
    "mature period and counted up to {cap}, weights as agreed; both teams have the same number. The "
    "contributions add up to it. Its ends take all KPIs at their low or high ends at once, which is wider "
    "than 95 %.{left}"
)


def attainment_index(con: DuckDBPyConnection, *, scores: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return one row per target of the contract in force, in its order, and the index last.

    Attainment is cut at 125 %, so that one KPI cannot make up for all others. KPIs that cannot be judged and
    those of weight 0 take no part; the others share the whole by weight. Columns: kpi (null of the index),
    title, owners, period, period_on, weight (agreed; of the index that of the judged), share (of the judged
    weight), target, value, low, high (95 %), n, unit, attainment, capped, contribution (share x capped;
    decimals of six places, which add up exactly to that of the index), contribution_low, contribution_high,
    is_total, state ('ok', or why it is not judged), missing, rule. `scores` is kpi.scorecard(con), if it is
    at hand.
    """
    table = scorecard(con) if scores is None else scores
    rows = [_row(row) for row in _records(table[table["target"].notna()])]
    judged = [row for row in rows if row["state"] == "ok" and row["weight"] > 0]
    weight = sum(row["weight"] for row in judged)
    for row in judged:
        row |= _part(row, row["weight"] / weight)
    total = _total(judged, weight)
    rule = RULE.format(cap=number.rate(CAP), left=_left(rows))
    frame = pd.DataFrame([*rows, total]).reindex(columns=COLUMNS).assign(rule=rule)
    words = ("kpi", "title", "owners", "period", "unit", "state", "missing", "rule", "is_total", "period_on")
    numbers = [name for name in COLUMNS if name not in words]
    days = pd.to_datetime(frame["period_on"])
    return frame.astype(dict.fromkeys(numbers, "float64")).assign(period_on=days)


def attained(value: Any, target: float, direction: str) -> float:
    """Return how much of a target a value reaches, cut at 125 %, which nothing at all reaches of costs."""
    if direction == "up":
        return min(float(value) / target, CAP)
    return CAP if value <= 0 else min(target / float(value), CAP)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    names = ("kpi", "title", "owners", "period", "period_on", "target", "value", "low", "high", "n", "unit")
    kept = {name: row[name] for name in (*names, "attainment", "state", "missing", "direction")}
    weight = 1.0 if number.is_null(row["weight"]) else float(row["weight"])
    if row["state"] == "ok" and not row["target"] > 0:
        kept |= {"state": "undefined", "missing": "a target of 0 has no share that could be reached"}
    return kept | {"weight": weight, "is_total": False}


def _part(row: dict[str, Any], share: float) -> dict[str, Any]:
    """Return what a judged KPI gives to the index, with what it would give at the ends of its interval."""
    capped = attained(row["value"], row["target"], row["direction"])
    ends = [capped if number.is_null(row[end]) else _end(row, end) for end in ("low", "high")]
    low, high = sorted(ends)
    given = {"contribution": capped, "contribution_low": low, "contribution_high": high}
    return {"share": share, "capped": capped} | {
        name: round(share * each, DIGITS) for name, each in given.items()
    }


def _end(row: dict[str, Any], end: str) -> float:
    return attained(row[end], row["target"], row["direction"])


def _total(judged: list[dict[str, Any]], weight: float) -> dict[str, Any]:
    said = {"title": "Shared attainment index", "is_total": True, "n": len(judged)}
    if not judged:
        return said | {"state": "undefined", "missing": "no target of any weight can be judged"}
    names = ("contribution", "contribution_low", "contribution_high")
    sums = {name: round(sum(row[name] for row in judged), DIGITS) for name in names}
    return said | {"state": "ok", "weight": weight, "share": 1.0, **sums}


def _left(rows: list[dict[str, Any]]) -> str:
    out = [row for row in rows if row["state"] != "ok" and row["weight"] > 0]
    if not out:
        return ""
    named = ", ".join(f"{row['title']} (weight {row['weight']:g}; {row['state']})" for row in out)
    return f" Left out, as they cannot be judged: {named}."


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
