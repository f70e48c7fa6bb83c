"""What to know: at most five facts clear of the target or of ordinary variation, by money at stake."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import handoff, kpi, sentence, stake, term
from funnel.metrics.indicator import Indicator, indicators

MOST = 5
NONE = "Nothing this week lies outside ordinary variation."
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
]
LINKS = {
    "obligation": "handoff.html#sla-weekly",
    "acceptance": "lead_quality.html#acceptance-by-channel",
    "conversion": "conversion.html#conversion-cohorts",
}
SCORES = "shared_kpi.html#kpi-weekly"


def findings(
    con: DuckDBPyConnection, *, scores: pd.DataFrame | None = None, weeks: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return at most five findings, most money at stake first; no row if there is none: print `NONE`.

    A finding is a KPI whose 95 % interval lies wholly on the wrong side of its target, in the period that
    the scorecard shows (kind 'target'), or, for KPIs that met or have no target, wholly outside its band of
    ordinary variation in its latest mature week (kind 'variation', in either direction). Columns: rank,
    kpi, title, kind, number (value with interval, as text), sentence, owner, value, n, low, high, agreed
    (what it should have been, as text), amount_at_stake (per week; null where it cannot be said; such rows
    come last, by relative distance), currency, period, period_on, link (page and anchor), how (the amount
    was reckoned). Names no person. `scores` and `weeks` are kpi.scorecard(con) and kpi.weekly(con), if they
    are at hand.
    """
    known = {one.kpi: one for one in indicators(con)}
    rows = _missed(kpi.scorecard(con) if scores is None else scores, known)
    rows += _unusual(kpi.weekly(con) if weeks is None else weeks, known, {row["kpi"] for row in rows})
    currency, worth = term.context(con).currency, stake.worth(con)
    found = [_told(con, row, currency, stake.at_stake(worth, row)) for row in rows]
    found.sort(key=lambda row: (-(row["amount_at_stake"] or 0.0), -row["distance"], row["kpi"]))
    ranked = [row | {"rank": place} for place, row in enumerate(found[:MOST], 1)]
    return pd.DataFrame(ranked).reindex(columns=COLUMNS)


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
    return {
        **{name: row[name] for name in ("kpi", "title", "kind", "value", "n", "low", "high", "period")},
        "period_on": row["period_on"],
        "number": sentence.said(row, currency),
        "sentence": sentence.say(row, currency),
        "owner": sentence.owner(row["owners"]),
        "agreed": sentence.agreed(row, currency),
        "amount_at_stake": amount,
        "currency": currency,
        "link": LINKS.get(row["family"], SCORES),
        "how": stake.HOW if amount is not None else "No amount can be put on it.",
        "distance": abs(row["value"] - row["should"]) / row["should"] if row["should"] else 0.0,
    }


def _answered(con: DuckDBPyConnection, row: dict[str, Any]) -> dict[str, Any]:
    """Return the clock of an obligation and how many of its missed hand-offs were never touched."""
    if row["family"] != "obligation":
        return {}
    table = handoff.tally(con, by=row["period"])
    here = table[(table["sla"] == row["sla"]) & (pd.to_datetime(table["period_on"]) == row["period_on"])]
    is_touch = row["sla"] == "first_touch"
    clock = None if here.empty else here["clock"].iloc[0]
    return {"clock": clock, "n_untouched": int(here["n_untouched"].sum()) if is_touch else 0}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
