"""Since when a finding stands: what the edition of each week before would have said of the same KPI.

The editions before are reckoned anew from this build, so that it needs none of their files. Week by week
backwards: the period that was the latest to be judged then, under the target in force then. A run is the
unbroken series of editions, up to this one, whose interval was clear to the same side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from funnel import stats
from funnel.metrics.frame import read
from funnel.metrics.indicator import Indicator
from funnel.metrics.measure import measures
from funnel.metrics.ripe import deadlines, ripe, walls

TARGETS = """
select t.version, t.kpi, t.target, t.per, t.within_seconds
from contract.target t
order by t.version, t.kpi
"""

ATTAINMENTS = """
select s.version, s.sla, s.attainment from contract.sla s where s.attainment is not null order by all
"""

MOSTLY_DUE = 0.5
LATEST = 4


@dataclass(frozen=True)
class Run:
    """A finding's course: 'new', 'standing' or 'ended', its first period, and over how many it runs."""

    state: str
    since_on: pd.Timestamp
    n_periods: int


Signs = NDArray[np.int_]
Days = NDArray[np.datetime64]
Runs = dict[tuple[str, str], Run]


def runs(
    con: DuckDBPyConnection, asked: Sequence[Indicator], *, scores: pd.DataFrame, weeks: pd.DataFrame
) -> Runs:
    """Return the run of each finding by KPI and kind ('target' or 'variation').

    A variation counts only where the KPI did not miss its target in the same edition: it was not told then.
    `scores` and `weeks` are kpi.scorecard(con) and kpi.weekly(con).
    """
    then = walls(con)
    short = missed(con, asked, scores, then)
    odd = {
        name: (np.where(short[name][0], 0, signs) if name in short else signs, days)
        for name, (signs, days) in unusual(con, asked, weeks, then).items()
    }
    series = [((name, "target"), each) for name, each in short.items()]
    series += [((name, "variation"), each) for name, each in odd.items()]
    return {key: found for key, each in series if (found := run(*each)) is not None}


def run(signs: Signs, periods: Days) -> Run | None:
    """Return the run of a finding from what each edition said, the latest first; None if there is none.

    `signs`: 0 nothing, -1 clear below, 1 clear above; `periods`: the period that each edition judged. A
    change of side is a new finding. One that the edition before still told, and this does not, has ended.
    """
    if len(signs) < 2 or not (signs[0] or signs[1]):
        return None
    start = 0 if signs[0] else 1
    others = np.flatnonzero(signs[start:] != signs[start])
    end = start + int(others[0]) if len(others) else len(signs)
    state = "ended" if start else "new" if end == 1 else "standing"
    told = periods[start:end]
    return Run(state, pd.Timestamp(told[-1]), len(np.unique(told)))


def missed(
    con: DuckDBPyConnection, asked: Sequence[Indicator], scores: pd.DataFrame, then: pd.DataFrame
) -> dict[str, tuple[Signs, Days]]:
    """Return per KPI with a target what each edition said of it: its signs and periods, the latest first.

    Only KPIs that are clear of a target in this period or the one before, and all obligations.
    """
    agreed = _agreed(con, asked)
    near = _near(scores, agreed)
    chosen = [one for one in asked if one.kpi in near or (one.kpi in agreed and one.family == "obligation")]
    courses: dict[str, pd.DataFrame] = {}
    for by in dict.fromkeys(one.per for one in chosen):
        here = [one for one in chosen if one.per == by]
        course = measures(con, [one for one in here if one.family != "obligation"], by=by)
        owed = deadlines(con, by=by) if any(one.family == "obligation" for one in here) else None
        for one in here:
            if one.family == "obligation" and owed is not None:
                courses[one.kpi] = _kept(con, one, owed, then, by)
            else:
                courses[one.kpi] = _seen(con, one, course[course["kpi"] == one.kpi], then, by)
    return {one.kpi: _against(courses[one.kpi], one, agreed[one.kpi], then) for one in chosen}


def unusual(
    con: DuckDBPyConnection, asked: Sequence[Indicator], weeks: pd.DataFrame, then: pd.DataFrame
) -> dict[str, tuple[Signs, Days]]:
    """Return per KPI of `kpi.weekly` what each edition said of its latest mature week, the latest first.

    Only KPIs with a week outside its band among the last mature ones.
    """
    ripe_weeks = weeks[weeks["is_mature"].astype(bool)].rename(columns={"week_on": "period_on"})
    late = ripe_weeks.groupby("kpi", sort=False).tail(LATEST)
    near = set(late[late["is_outside"].astype(bool)]["kpi"])
    found = {}
    for one in asked:
        if one.kpi in near:
            course = ripe_weeks[ripe_weeks["kpi"] == one.kpi]
            seen = _seen(con, one, course, then, "week")
            above = seen["low"] > seen["band_high"]
            below = seen["high"] < seen["band_low"]
            found[one.kpi] = _signed(below, above, seen)
    return found


def _agreed(con: DuckDBPyConnection, asked: Sequence[Indicator]) -> dict[str, dict[str, float]]:
    """Return per KPI its target under each version that asks the same of it: same period, same window."""
    targets = read(con, TARGETS).to_dict("records")
    kept = dict[tuple[str, str], float]()
    for version, sla, attainment in con.execute(ATTAINMENTS).fetchall():
        kept.setdefault((version, sla), attainment)
    found: dict[str, dict[str, float]] = {}
    for one in asked:
        same = {row["version"]: row["target"] for row in targets if _is_same(one, row)}
        if one.sla:
            same = {version: share for (version, sla), share in kept.items() if sla == one.sla} | same
        if same:
            found[one.kpi] = same
    return found


def _is_same(one: Indicator, row: Mapping[Any, Any]) -> bool:
    per = one.per if pd.isna(row["per"]) else row["per"]
    within = one.within_seconds if pd.isna(row["within_seconds"]) else int(row["within_seconds"])
    window = within == one.within_seconds or one.family != "conversion"
    return bool(row["kpi"] == one.kpi and per == one.per and window)


def _near(scores: pd.DataFrame, agreed: Mapping[str, Mapping[str, float]]) -> set[str]:
    """Return the KPIs that are clear of any version's target now or in the period before."""
    found = set()
    for row in scores.to_dict("records"):
        aims = agreed.get(row["kpi"], {}).values()
        is_up = row["direction"] == "up"
        ends = (row["high"], row["before_high"]) if is_up else (row["low"], row["before_low"])
        if any(end < aim if is_up else end > aim for end in ends for aim in aims):
            found.add(row["kpi"])
    return found


def _seen(
    con: DuckDBPyConnection, one: Indicator, course: pd.DataFrame, then: pd.DataFrame, by: str
) -> pd.DataFrame:
    """Return per edition the row of the latest period that was settled by then; nulls if none was."""
    settled = ripe(con, one, by=by)
    rows = course[course["is_mature"].astype(bool)]
    rows = rows.assign(period_on=rows["period_on"].astype(settled["period_on"].dtype))
    rows = rows.merge(settled, on="period_on", how="left").reset_index(drop=True)
    is_ripe = rows["ripe_at"].to_numpy()[:, None] <= then["wall_at"].to_numpy()[None, :]
    return rows.reindex(_last(is_ripe)).reset_index(drop=True)


def _kept(
    con: DuckDBPyConnection, one: Indicator, owed: pd.DataFrame, then: pd.DataFrame, by: str
) -> pd.DataFrame:
    """Return per edition the interval of the share met, of the deadlines that had passed by then."""
    ends = ripe(con, replace(one, family=""), by=by).set_index("period_on")["ripe_at"]
    rows = owed[owed["sla"] == one.sla]
    passed = rows["weeks_ago"].fillna(len(then)).to_numpy()[:, None] >= np.arange(len(then))[None, :]
    periods = rows["period_on"].to_numpy()
    sums = {
        name: pd.DataFrame(rows[name].to_numpy()[:, None] * passed).groupby(periods).sum()
        for name in ("n_all", "n", "n_met")
    }
    every = rows.groupby("period_on")["n_all"].sum().to_numpy()
    over = ends.reindex(sums["n"].index.astype(ends.index.dtype)).to_numpy()
    walls_at = then["wall_at"].to_numpy()[None, :]
    is_ripe = (over[:, None] <= walls_at) & (sums["n_all"].to_numpy() / every[:, None] >= MOSTLY_DUE)
    place = _last(is_ripe)
    n, met = (_picked(sums[name].to_numpy(), place) for name in ("n", "n_met"))
    low, high = stats.wilson(met, n)
    days = pd.Series(pd.to_datetime(sums["n"].index)).reindex(place).to_numpy()
    return pd.DataFrame({"period_on": days, "low": low, "high": high})


def _picked(table: NDArray[Any], place: NDArray[np.int_]) -> NDArray[np.float64]:
    if not len(table):
        return np.full(len(place), np.nan)
    chosen = table[np.maximum(place, 0), np.arange(len(place))].astype(float)
    return np.where(place >= 0, chosen, np.nan)


def _last(is_ripe: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Return per column the last row that holds; -1 if none does."""
    if not len(is_ripe):
        return np.full(is_ripe.shape[1], -1)
    last = len(is_ripe) - 1 - np.argmax(is_ripe[::-1], axis=0)
    return np.where(is_ripe.any(axis=0), last, -1)


def _against(
    seen: pd.DataFrame, one: Indicator, agreed: Mapping[str, float], then: pd.DataFrame
) -> tuple[Signs, Days]:
    aim = then["version"].map(dict(agreed)).astype(float)
    below = (seen["high"] < aim) & (one.direction == "up")
    above = (seen["low"] > aim) & (one.direction == "down")
    return _signed(below, above, seen)


def _signed(below: pd.Series[bool], above: pd.Series[bool], seen: pd.DataFrame) -> tuple[Signs, Days]:
    signs = np.where(above.to_numpy(), 1, np.where(below.to_numpy(), -1, 0))
    return signs, pd.to_datetime(seen["period_on"]).to_numpy(dtype="datetime64[ns]")
