"""What to know: facts clear of the target or of ordinary variation, by money at stake, each told once."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import handoff, kpi, sentence, stake, standing, term
from funnel.metrics.indicator import Indicator, indicators

MOST = 5
NONE = "Nothing this week lies outside ordinary variation."
NONE_NEW = "Nothing new this week lies outside ordinary variation."
STATES = ("new", "standing", "ended")
COLUMNS = [
    "rank",
    "kpi",
    "title",
    "kind",
    "number",
    "sentence",
    "owner",
    "value",
    "n",
    "low",
    "high",
    "agreed",
    "amount_at_stake",
    "currency",
    "period",
    "period_on",
    "link",
    "how",
    "state",
    "since_on",
    "n_periods",
]
LINKS = {
    "obligation": "handoff.html#sla-weekly",
    "acceptance": "lead_quality.html#funnels-accepted",
    "conversion": "conversion.html#conversion-cohorts",
}
SCORES = "shared_kpi.html#kpi-weekly"


def findings(
    con: DuckDBPyConnection, *, scores: pd.DataFrame | None = None, weeks: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return what is new this week, what still stands, and what has ended; no row if there is nothing.

    A finding is a KPI whose 95 % interval lies wholly on the wrong side of its target, in the period that
    the scorecard shows (kind 'target'), or, for KPIs that met or have no target, wholly outside its band of
    ordinary variation in its latest mature week (kind 'variation', in either direction). It is told once:
    'new' where the edition of a week before would not have told it, then 'standing', and 'ended' in the
    first edition that no longer tells it (`funnel.metrics.standing`).

    Columns: rank (1 to 5 of the new ones, most money at stake first; null for all others), kpi, title, kind,
    number (value with interval, as text), sentence, owner, value, n, low, high, agreed (what it should have
    been, as text), amount_at_stake (per week; null where it cannot be said; such rows come last, by relative
    distance), currency, period, period_on, link (page and anchor), how (the amount was reckoned), state,
    since_on (its first period), n_periods (so many in a row). New ones first, then standing, then ended.
    Names no person. `scores` and `weeks` are kpi.scorecard(con) and kpi.weekly(con), if they are at hand.
    """
    asked = indicators(con)
    known = {one.kpi: one for one in asked}
    scores = kpi.scorecard(con) if scores is None else scores
    weeks = kpi.weekly(con) if weeks is None else weeks
    runs = standing.runs(con, asked, scores=scores, weeks=weeks)
    rows = _missed(scores, known)
    rows += _unusual(weeks, known, {row["kpi"] for row in rows})
    rows = [row | _since(row, runs.get((row["kpi"], row["kind"]))) for row in rows]
    rows += _ended(runs, rows, known, scores, weeks)
    currency, worth = term.context(con).currency, stake.worth(con)
    found = [_told(con, row, currency, stake.at_stake(worth, row)) for row in rows]
    found.sort(key=_order)
    return _ranked(pd.DataFrame(found).reindex(columns=COLUMNS))


def _since(row: dict[str, Any], run: standing.Run | None) -> dict[str, Any]:
    if run is None or run.state == "ended":
        return {"state": "new", "since_on": row["period_on"], "n_periods": 1}
    return {"state": run.state, "since_on": run.since_on, "n_periods": run.n_periods}


def _ended(
    runs: standing.Runs,
    told: list[dict[str, Any]],
    known: dict[str, Indicator],
    scores: pd.DataFrame,
    weeks: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Return the figures of today of what the edition a week before still told."""
    still = {(row["kpi"], row["kind"]) for row in told}
    over = {key: run for key, run in runs.items() if run.state == "ended" and key not in still}
    rows = [_with(known, row, kind="target", should=row["target"]) for row in _records(scores)]
    latest = weeks[weeks["is_mature"].astype(bool)].groupby("kpi", sort=False).tail(1)
    for row in _records(latest.rename(columns={"week_on": "period_on"}).assign(period="week")):
        should = (row["band_low"] + row["band_high"]) / 2
        rows.append(_with(known, row, kind="variation", should=should))
    return [
        row | {"state": "ended", "since_on": run.since_on, "n_periods": run.n_periods}
        for row in rows
        if (run := over.get((row["kpi"], row["kind"]))) is not None
    ]


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    is_new = frame["state"] == "new"
    place = is_new.cumsum()
    days = {name: pd.to_datetime(frame[name]) for name in ("period_on", "since_on")}
    rank = place.where(is_new & (place <= MOST)).astype("Int64")
    return frame.assign(rank=rank, n_periods=frame["n_periods"].astype("Int64"), **days)


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    amount = row["amount_at_stake"] or 0.0
    return STATES.index(row["state"]), -amount, -row["distance"], row["kpi"], row["kind"]


def _missed(table: pd.DataFrame, known: dict[str, Indicator]) -> list[dict[str, Any]]:
    short = (table["direction"] == "up") & (table["high"] < table["target"])
    over = (table["direction"] == "down") & (table["low"] > table["target"])
    rows = table[(short | over) & (table["state"] == "ok")]
    return [_with(known, row, kind="target", should=row["target"]) for row in _records(rows)]


def _unusual(table: pd.DataFrame, known: dict[str, Indicator], told: set[str]) -> list[dict[str, Any]]:
    latest = table[table["is_mature"].astype(bool)].groupby("kpi", sort=False).tail(1)
    latest = latest[latest["is_outside"] & ~latest["kpi"].isin(told)].rename(columns={"week_on": "period_on"})
    rows = _records(latest.assign(period="week"))
    middle = "band_low", "band_high"
    return [_with(known, row, kind="variation", should=sum(row[end] for end in middle) / 2) for row in rows]


def _with(known: dict[str, Indicator], row: dict[str, Any], **more: Any) -> dict[str, Any]:
    one = known[row["kpi"]]
    said = {
        name: getattr(one, name)
        for name in ("family", "from_title", "to_title", "to_stage", "sla", "within_seconds")
    }
    return row | said | more


def _told(
    con: DuckDBPyConnection, row: dict[str, Any], currency: str, amount: float | None
) -> dict[str, Any]:
    row = row | _answered(con, row)
    is_over = row["state"] == "ended"
    amount = None if is_over else amount
    return {
        **{name: row[name] for name in ("kpi", "title", "kind", "value", "n", "low", "high", "period")},
        **{name: row[name] for name in ("period_on", "state", "since_on", "n_periods")},
        "number": sentence.said(row, currency),
        "sentence": sentence.ended(row, currency) if is_over else sentence.say(row, currency),
        "owner": sentence.owner(row["owners"]),
        "agreed": sentence.agreed(row, currency),
        "amount_at_stake": amount,
        "currency": currency,
        "link": LINKS.get(row["family"], SCORES),
        "how": stake.HOW if amount is not None else "No amount can be put on it.",
        "distance": _distance(row),
    }


def _distance(row: dict[str, Any]) -> float:
    """Return how far a value is from what it should be, relative to that; 0 where it cannot be said."""
    if pd.isna(row["should"]) or pd.isna(row["value"]) or not row["should"]:
        return 0.0
    return float(abs(row["value"] - row["should"]) / row["should"])


def _answered(con: DuckDBPyConnection, row: dict[str, Any]) -> dict[str, Any]:
    """Return the clock of an obligation and how many of its missed hand-offs were never touched."""
    if row["family"] != "obligation" or row["state"] == "ended":
        return {}
    table = handoff.tally(con, by=row["period"])
    here = table[(table["sla"] == row["sla"]) & (pd.to_datetime(table["period_on"]) == row["period_on"])]
    is_touch = row["sla"] == "first_touch"
    clock = None if here.empty else here["clock"].iloc[0]
    return {"clock": clock, "n_untouched": int(here["n_untouched"].sum()) if is_touch else 0}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
