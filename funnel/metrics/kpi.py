"""The shared scorecard: each KPI with its value, target and owners, and its course by week."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.metrics import term
from funnel.metrics.absence import absences
from funnel.metrics.cost import cost
from funnel.metrics.coverage import coverage
from funnel.metrics.indicator import Indicator, indicators
from funnel.metrics.measure import BAND_LEAST, BAND_PERIODS, measures
from funnel.metrics.source import ABSENT, sources

__all__ = ["cost", "scorecard", "sources", "weekly"]

WEEKS = 26
MOSTLY_DUE = 0.5
WEEKLESS = ("cac", "coverage", "days")
WEEK_OF = {"week": 1.0, "month": 7 / 30.4375, "quarter": 7 / 91.3125}
FLOWS = ("count", "money")
BAND = (
    f"Band of ordinary variation: mean -+ 2 sd of up to {BAND_PERIODS} mature weeks before it; "
    f"none with fewer than {BAND_LEAST}."
)
SCORE = [
    "kpi",
    "title",
    "value",
    "low",
    "high",
    "n",
    "unit",
    "target",
    "attainment",
    "owners",
    "period",
    "period_on",
    "state",
    "missing",
    "n_open",
    "n_unknown",
    "observed_share",
    "before",
    "before_low",
    "before_high",
    "before_n",
    "before_on",
    "band_low",
    "band_high",
    "direction",
    "rule",
]


def scorecard(con: DuckDBPyConnection, *, period_on: date | str | None = None) -> pd.DataFrame:
    """Return one row per KPI: those with a target in the contract in force, then the usual ones without.

    Each for its own period (the target's `per`): the latest mature one, or the one that holds `period_on`.
    Columns: kpi, title, value, low, high (95 %), n, unit ('count', 'rate', 'money', 'days', 'ratio'),
    target, attainment (value / target, turned round where down is good), owners, period, period_on, state
    ('ok', 'not yet', 'not in this source', 'undefined'), missing (what is missing or still open, in words),
    n_open, n_unknown, observed_share; the period before: before, before_low, before_high, before_n,
    before_on; band_low, band_high (ordinary variation of such periods), direction ('up' or 'down' is good),
    rule. The value is null unless the state is ok. InputError if the contract has a target for an unknown
    KPI.
    """
    asked = indicators(con)
    grains = {by: measures(con, [one for one in asked if one.per == by], by=by) for by in term.PERIODS}
    when = None if period_on is None else pd.Timestamp(period_on)
    absent = absences(con, asked)
    rows = [_score(con, one, absent.get(one.kpi), grains[one.per], when) for one in asked]
    frame = pd.DataFrame(rows).reindex(columns=SCORE)
    days = {name: pd.to_datetime(frame[name]) for name in ("period_on", "before_on")}
    return frame.astype(dict.fromkeys(NUMBERS, "float64")).assign(**days)


def weekly(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per main KPI and week: the last 26 weeks up to the one that holds as_of.

    Columns: kpi, title, unit, week_on, value, n, low, high, is_mature, observed_share, state, target (of
    counts and amounts per month or quarter: their part for 7 days), band_low, band_high, is_outside
    (mature, and its interval clear of the band), n_open, n_unknown, direction, owners, rule. KPIs whose
    sources are absent have no rows.
    """
    every = indicators(con)
    absent = absences(con, every)
    asked = [one for one in every if one.family not in WEEKLESS and one.kpi not in absent]
    frame = measures(con, asked, by="week").rename(columns={"period_on": "week_on"})
    frame = frame.groupby("kpi", sort=False).tail(WEEKS).reset_index(drop=True)
    said = pd.DataFrame([_said(one) for one in asked], columns=["kpi", *SAID])
    frame = frame.merge(said, on="kpi", how="left")
    clear = (frame["high"] < frame["band_low"]) | (frame["low"] > frame["band_high"])
    state = pd.Series("ok", index=frame.index).mask(frame["value"].isna(), "undefined")
    state = state.mask(~frame["is_mature"].astype(bool), "not yet")
    frame = frame.assign(is_outside=clear & frame["is_mature"].astype(bool), state=state)
    first = ["kpi", "title", "unit", "week_on", "value", "n", "low", "high", "is_mature", "observed_share"]
    last = ["state", "target", "band_low", "band_high", "is_outside", "n_open", "n_unknown"]
    return frame[[*first, *last, "direction", "owners", "rule"]]


NUMBERS = [
    *("value", "low", "high", "n", "target", "attainment", "n_open", "n_unknown", "observed_share"),
    *("before", "before_low", "before_high", "before_n", "band_low", "band_high"),
]
SAID = ["title", "unit", "target", "direction", "owners", "rule"]


def _said(one: Indicator) -> dict[str, Any]:
    target = one.target
    if target is not None and one.unit in FLOWS:
        target = target * WEEK_OF[one.per]
    rule = f"{one.rule} {BAND}"
    return {
        "kpi": one.kpi,
        "title": one.title,
        "unit": one.unit,
        "target": target,
        "direction": one.direction,
        "owners": one.owners,
        "rule": rule,
    }


def _score(
    con: DuckDBPyConnection,
    one: Indicator,
    absent: str | None,
    measured: pd.DataFrame,
    when: pd.Timestamp | None,
) -> dict[str, Any]:
    said = {
        "kpi": one.kpi,
        "title": one.title,
        "unit": one.unit,
        "target": one.target,
        "owners": one.owners,
        "period": one.per,
        "direction": one.direction,
        "rule": one.rule,
    }
    if absent:
        return said | {"state": ABSENT, "missing": absent}
    if one.family == "coverage":
        return said | coverage(con)
    course = measured[measured["kpi"] == one.kpi].reset_index(drop=True)
    found = _chosen(course, one, when)
    found["attainment"] = _attained(found.get("value"), one)
    return said | found


def _chosen(course: pd.DataFrame, one: Indicator, when: pd.Timestamp | None) -> dict[str, Any]:
    ripe = course["is_mature"].astype(bool)
    if one.family == "obligation":
        ripe = course["is_complete"].astype(bool) & (course["observed_share"] >= MOSTLY_DUE)
    if when is None:
        places = course.index[ripe]
    else:
        places = course.index[course["period_on"] <= when]
        if len(course) and when < course["period_on"].iloc[0]:
            return {"state": "undefined", "missing": "nothing is recorded that early"}
    if course.empty:
        return {"state": "undefined", "missing": "nothing to count yet"}
    if not len(places):
        return {"state": "not yet", "missing": "no period is mature yet", "n": course["n"].iloc[-1]}
    place = int(places[-1])
    return _row(course.iloc[place], bool(ripe[place])) | _before(course, place)


def _row(row: pd.Series[Any], is_ripe: bool) -> dict[str, Any]:
    names = ["period_on", "n", "n_open", "n_unknown", "observed_share", "band_low", "band_high"]
    found = {name: row[name] for name in names}
    if not is_ripe:
        share = number.rate(row["observed_share"] if row["is_complete"] else None)
        words = "the period is not over" if not row["is_complete"] else f"only {share} of it can be seen yet"
        return found | {"state": "not yet", "missing": words}
    if pd.isna(row["value"]):
        return found | {"state": "undefined", "missing": _lacking(row) or "no case in this period"}
    values = {name: row[name] for name in ("value", "low", "high")}
    return found | values | {"state": "ok", "missing": _lacking(row)}


def _lacking(row: pd.Series[Any]) -> str | None:
    words = {"n_open": "still open", "n_unknown": "cannot be counted"}
    return "; ".join(f"{int(row[name])} {word}" for name, word in words.items() if row[name]) or None


def _before(course: pd.DataFrame, place: int) -> dict[str, Any]:
    if place == 0:
        return {}
    row = course.iloc[place - 1]
    names = {"before": "value", "before_low": "low", "before_high": "high", "before_n": "n"}
    return {name: row[column] for name, column in names.items()} | {"before_on": row["period_on"]}


def _attained(value: Any, one: Indicator) -> float | None:
    if value is None or pd.isna(value) or not one.target or not value:
        return None
    return float(value / one.target if one.direction == "up" else one.target / value)
