"""Each KPI per week, month or quarter, counted once for the scorecard and for its course over the weeks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import (
    conversion,
    economics,
    event,
    handoff,
    mean,
    pace,
    promptness,
    renewal,
    term,
    velocity,
)
from funnel.metrics.frame import read, whole
from funnel.metrics.indicator import Indicator

PERIODS = """
select p.starts_on as period_on, p.ends_on, p.is_complete
from run.period p
cross join run.context c
where p.period = $by and p.starts_at < c.as_of
order by p.starts_on
"""

BAND_PERIODS = 26
BAND_LEAST = 8
FROM = MappingProxyType({"opportunities": "pipeline", "mean_deal": "won"})
"""Families that are counted from the events of another one."""

OTHERS: Mapping[str, Callable[..., pd.DataFrame]] = MappingProxyType(
    {
        "days": velocity.closing,
        "velocity": pace.weekly_pace,
        "speed": promptness.first_touch,
        "disposition": promptness.outcome,
        "requalified": renewal.requalified,
        "retention": renewal.retained,
    }
)
"""Families with a query of their own."""

COLUMNS = ["period_on", "value", "n", "low", "high", "is_mature", "observed_share", "n_open", "n_unknown"]
"""What every family gives, one row per period."""


def measures(con: DuckDBPyConnection, asked: Sequence[Indicator], *, by: str) -> pd.DataFrame:
    """Return one row per KPI and period, from the first period with a case to the one that holds as_of.

    Columns: kpi, period_on, value, n, low, high (95 %), is_mature, observed_share, n_open, n_unknown,
    is_complete, band_low, band_high (mean -+ 2 sd of up to 26 mature periods before, of rates those with n
    of at least 10; null below 8). `coverage` has no course.
    """
    context, periods = term.context(con), read(con, PERIODS, by=term.period(by))
    events = event.events(con, by=by)
    frames = []
    for one in asked:
        rows = _rows(con, one, events, by)
        if rows is not None:
            course = _aged(_over(periods, rows, one), one, context)
            frames.append(_banded(course, one).assign(kpi=one.kpi).drop(columns="ends_on"))
    if not frames:
        return pd.DataFrame(columns=["kpi", *COLUMNS, "is_complete", "band_low", "band_high"])
    return pd.concat(frames, ignore_index=True)


def _rows(con: DuckDBPyConnection, one: Indicator, events: pd.DataFrame, by: str) -> pd.DataFrame | None:
    if one.family == "conversion":
        return _converted(con, one, by)
    if one.family == "obligation":
        return _kept(con, one, by)
    if one.family in economics.NEEDS or one.family.startswith("cac"):
        return economics.per_customer(con, family=one.family, by=by)
    if one.family in OTHERS:
        return OTHERS[one.family](con, by=by)
    if one.family == "coverage":
        return None
    return counted(events, one)


def counted(events: pd.DataFrame, one: Indicator) -> pd.DataFrame:
    """Return the rows of one KPI that is counted from events, by period: value, n, low, high, what is open.

    `events` is `event.events` of that period.
    """
    family = FROM.get(one.family, one.family)
    return _counted(events[(events["family"] == family) & (events["stage"] == one.to_stage)], one)


def _counted(rows: pd.DataFrame, one: Indicator) -> pd.DataFrame:
    if one.unit == "count":
        return rows.assign(value=rows["n"].astype("float64"))
    if one.family == "mean_deal":
        return _mean(rows)
    if one.unit == "money":
        low, high = stats.total(rows["amount"], rows["squares"])
        bare = rows["n_all"] - rows["n_amounts"]
        return rows.assign(value=rows["amount"], n=rows["n_amounts"], n_unknown=bare, low=low, high=high)
    if one.family == "win_rate_amount":
        return _by_amount(rows)
    rated = stats.with_rate(rows, "n_hit", "n", names=("value", "low", "high"))
    return rated.assign(n_open=rated["n_all"] - rated["n"])


def _mean(rows: pd.DataFrame) -> pd.DataFrame:
    n, bare = rows["n_amounts"], rows["n_all"] - rows["n_amounts"]
    value = rows["amount"] / n.where(n > 0)
    low, high = mean.interval(value, mean.spread(rows["amount"], rows["squares"], n), n)
    return rows.assign(value=value, n=n, n_unknown=bare, low=low, high=high)


def _by_amount(rows: pd.DataFrame) -> pd.DataFrame:
    known = (rows["other_amount"].fillna(0) > 0) | (rows["n_hit"] == rows["n"])
    amount = rows["amount"].where(known & (rows["amount"] > 0))
    share = rows["hit_amount"].fillna(0) / amount
    effective = amount**2 / rows["squares"]
    low, high = stats.wilson(share * effective, effective)
    bare = rows["n_all"] - rows["n_amounts"]
    return rows.assign(value=share, n=rows["n_amounts"], n_unknown=bare, low=low, high=high)


def _converted(con: DuckDBPyConnection, one: Indicator, by: str) -> pd.DataFrame:
    days = (one.within_seconds or 0) / term.DAY_SECONDS
    table = conversion.course(
        con, from_stage=one.from_stage, to_stage=one.to_stage, within_days=days, period=by
    )
    return table.rename(columns={"rate": "value"})


def _kept(con: DuckDBPyConnection, one: Indicator, by: str) -> pd.DataFrame:
    table = handoff.tally(con, by=by)
    return table[(table["sla"] == one.sla) & table["period_on"].notna()].rename(columns={"rate": "value"})


def _over(periods: pd.DataFrame, rows: pd.DataFrame, one: Indicator) -> pd.DataFrame:
    kept = rows[[name for name in COLUMNS if name in rows]]
    kept = kept.assign(period_on=kept["period_on"].astype(periods["period_on"].dtype))
    since = periods[periods["period_on"] >= kept["period_on"].min()] if len(kept) else periods.iloc[:0]
    joined = since.merge(kept, on="period_on", how="left")
    empty = joined["n"].isna()
    if one.unit == "count":
        joined.loc[empty, "value"] = 0.0
        joined["low"], joined["high"] = stats.poisson(joined["value"])
    elif one.family in ("pipeline", "won"):
        joined.loc[empty, ["value", "low", "high"]] = [0.0, 0.0, _most_unseen(rows)]
    return whole(joined.reindex(columns=[*COLUMNS, "ends_on", "is_complete"]))


def _most_unseen(rows: pd.DataFrame) -> float:
    """Return what an amount may have been where no case was seen: Poisson's limit of 0, times the mean."""
    n = rows["n"].sum()
    return float(stats.poisson([0])[1][0] * rows["amount"].sum() / n) if n else np.nan


def _aged(frame: pd.DataFrame, one: Indicator, context: term.Context) -> pd.DataFrame:
    if one.family == "conversion":
        return frame.assign(is_mature=frame["is_mature"].eq(True))
    share = frame["observed_share"]
    if one.family in ("acceptance", "requalified"):
        days = context.landmark_days if one.family == "acceptance" else context.horizon_days
        age = (pd.Timestamp(context.today) - frame["ends_on"]).dt.days
        share = (age / days).clip(0.0, 1.0)
    share = share.fillna(1.0)
    return frame.assign(is_mature=frame["is_complete"] & (share >= 1.0), observed_share=share)


def _banded(frame: pd.DataFrame, one: Indicator) -> pd.DataFrame:
    is_usual = frame["is_mature"] & ((frame["n"] >= stats.FEW) | (one.unit != "rate"))
    known = frame["value"].where(is_usual).shift(1)
    window = known.rolling(BAND_PERIODS, min_periods=BAND_LEAST)
    centre, spread = window.mean(), 2 * window.std()
    top = 1.0 if one.unit == "rate" else np.inf
    return frame.assign(band_low=np.maximum(centre - spread, 0.0), band_high=np.minimum(centre + spread, top))
