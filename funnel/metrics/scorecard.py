"""The shared scorecard: each KPI with its value, target and owners, the period before and the outlook."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.metrics import term
from funnel.metrics.absence import untold
from funnel.metrics.coverage import coverage
from funnel.metrics.indicator import Indicator, indicators
from funnel.metrics.measure import measures
from funnel.metrics.once import once
from funnel.metrics.outlook import outlook

MOSTLY_DUE = 0.5
SAID = ("kpi", "title", "unit", "target", "weight", "owners", "direction", "rule")
AHEAD = {
    "outlook_on": "period_on",
    "elapsed_share": "elapsed_share",
    "so_far": "so_far",
    "before_so_far": "before_so_far",
    "forecast": "forecast",
    "forecast_low": "low",
    "forecast_high": "high",
    "forecast_missing": "missing",
}
"""Column of the scorecard -> column of the outlook."""

SCORE = [
    *("kpi", "title", "value", "low", "high", "n", "unit", "target", "weight", "attainment", "owners"),
    *("shared_with", "period", "period_on", "state", "missing", "n_open", "n_unknown", "observed_share"),
    *("before", "before_low", "before_high", "before_n", "before_on", "band_low", "band_high"),
    *AHEAD,
    *("direction", "rule"),
]
DAYS = ("period_on", "before_on", "outlook_on")
WORDS = ("kpi", "title", "unit", "owners", "shared_with", "period", "state", "missing", "direction", "rule")
NUMBERS = [name for name in SCORE if name not in (*DAYS, *WORDS, "forecast_missing")]


def scorecard(con: DuckDBPyConnection, *, period_on: date | str | None = None) -> pd.DataFrame:
    """Return one row per KPI: those with a target in the contract in force, then the usual ones without.

    Each for its own period (the target's `per`): the latest mature one, or the one that holds `period_on`.
    Columns: kpi, title, value, low, high (95 %), n, unit ('count', 'rate', 'money', 'hours', 'days',
    'months', 'ratio'), target, weight (in the shared index), attainment (value / target, turned round where
    down is good), owners (accountable, as agreed), shared_with (the other teams of the contract), period,
    period_on, state ('ok', 'not yet', 'not in this source', 'undefined'), missing (what is missing or still
    open, in words), n_open, n_unknown, observed_share; the period before: before, before_low, before_high,
    before_n, before_on; band_low, band_high (ordinary variation of such periods); of the running period (see
    `outlook`): outlook_on, elapsed_share, so_far, before_so_far (the one before at the same elapsed share),
    forecast, forecast_low, forecast_high (90 %), forecast_missing (why none); direction ('up' or 'down' is
    good), rule. The value is null unless the state is ok. InputError if the contract has a target for an
    unknown KPI.
    """
    key = ("scorecard", None if period_on is None else str(pd.Timestamp(period_on)))
    return once(con, key, lambda: _scorecard(con, period_on), shared=True).copy()


def _scorecard(con: DuckDBPyConnection, period_on: date | str | None) -> pd.DataFrame:
    asked = indicators(con)
    lacking = untold(con, asked)
    told = [one for one in asked if one.kpi not in lacking]
    grains = {by: measures(con, [one for one in told if one.per == by], by=by) for by in term.PERIODS}
    when = None if period_on is None else pd.Timestamp(period_on)
    rows = [_score(con, one, lacking.get(one.kpi), grains[one.per], when) for one in asked]
    frame = pd.DataFrame(rows).assign(shared_with=_others(con, asked))
    ahead = outlook(con)[["kpi", *AHEAD.values()]].rename(columns={old: new for new, old in AHEAD.items()})
    frame = frame.merge(ahead, on="kpi", how="left").reindex(columns=SCORE)
    days = {name: pd.to_datetime(frame[name]) for name in DAYS}
    return frame.astype(dict.fromkeys(NUMBERS, "float64")).assign(**days)


def _others(con: DuckDBPyConnection, asked: tuple[Indicator, ...]) -> pd.Series[str]:
    teams = list(dict.fromkeys(one.owner for one in term.stages(con) if one.owner))
    owners = [{team.strip() for team in one.owners.split(",")} for one in asked]
    said = [", ".join(team for team in teams if team not in named) or None for named in owners]
    return pd.Series(said, dtype="object")


def _score(
    con: DuckDBPyConnection,
    one: Indicator,
    lacking: tuple[str, str] | None,
    measured: pd.DataFrame,
    when: pd.Timestamp | None,
) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in SAID} | {"period": one.per}
    if lacking:
        return said | dict(zip(("state", "missing"), lacking, strict=True))
    if one.family == "coverage":
        found = coverage(con)
    else:
        found = _chosen(measured[measured["kpi"] == one.kpi].reset_index(drop=True), one, when)
    return said | found | {"attainment": _attained(found.get("value"), one)}


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
    """Return value / target; where down is good target / value, which nothing at all leaves undefined."""
    if value is None or pd.isna(value) or not one.target:
        return None
    if one.direction == "up":
        return float(value / one.target)
    return float(one.target / value) if value else None
