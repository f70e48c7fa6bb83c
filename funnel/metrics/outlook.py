"""What the running period has brought so far, the one before at the same point, and what is ahead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.metrics import ahead, conversion, event, forecast, term
from funnel.metrics.absence import untold
from funnel.metrics.frame import read
from funnel.metrics.indicator import Indicator, indicators
from funnel.metrics.measure import FROM
from funnel.metrics.once import once

PERIODS = """
select
    p.period, p.starts_on, p.ends_on, p.is_complete,
    epoch(least(c.as_of, p.ends_at) - p.starts_at) / epoch(p.ends_at - p.starts_at) as share
from run.period p
cross join run.context c
where p.starts_at < c.as_of
order by p.period, p.starts_on
"""

MOST = 12
USUAL = {"week": "month", "month": "month", "quarter": "quarter"}
STEP = {
    "week": pd.DateOffset(weeks=1),
    "month": pd.DateOffset(months=1),
    "quarter": pd.DateOffset(months=3),
}
DAYS = {"week": 7.0, "month": 30.4375, "quarter": 91.3125}
FLOWS = ("leads", "entries", "hand_offs", "opportunities", "pipeline", "won")
RATES = ("win_rate", "win_rate_amount")
TOLD = (*FLOWS, *RATES)
NO_FORECAST = {
    "acceptance": "its last hand-offs are decided only after the period",
    "obligation": "its last deadlines pass only after the period",
    "requalified": "it is known only one horizon after the period",
    "speed": "a median is no sum",
    "disposition": "a median is no sum",
    "days": "a median is no sum",
    "coverage": "it is of the report, not of a period",
}
COLUMNS = [
    *("kpi", "title", "unit", "owners", "period", "period_on", "ends_on", "elapsed_share", "n", "so_far"),
    *("before_so_far", "before", "before_on", "forecast", "low", "high", "level", "n_periods", "target"),
    *("attainment", "direction", "state", "missing", "rule"),
]
NUMBERS = [
    *("elapsed_share", "n", "so_far", "before_so_far", "before", "forecast", "low", "high", "level"),
    *("n_periods", "target", "attainment"),
]
FLOW_RULE = (
    "So far plus what is still to come: the mean of up to {most} whole {period}s before at the same share of "
    "their days, moved by how far this one is ahead of them. Interval: 90 %, from forecasting each of them "
    "from the others."
)
RATE_RULE = (
    "What is closed so far with what is still to be closed, at the win rate of the same part of up to {most} "
    "{period}s before. Interval: 90 %, from forecasting each of them from the others."
)


def outlook(con: DuckDBPyConnection, *, period: str | None = None) -> pd.DataFrame:
    """Return one row per KPI of the scorecard: the running period so far, and at its end.

    `period`: 'week', 'month' or 'quarter'; by default that of the KPI, and the month for KPIs by the week, of
    which a report on Monday would have nothing yet. A report at the first instant of a period is of the one
    that begins. Counts, amounts and win rates are forecast from the same
    point of the whole periods before (at least 6, at most 12; the first one with a case is left out, as the
    source may have begun in it); conversions by chain ladder, of the youngest cohort that can be told.
    Columns: kpi, title, unit, owners, period, period_on, ends_on (excluded), elapsed_share, n (cases so far),
    so_far, before_so_far (the period before at the same elapsed share; of conversions the cohort before at
    the same age), before (all of it), before_on, forecast, low, high, level (0.9), n_periods (learned from),
    target (put on the period: counts and amounts by days), attainment (forecast / target), direction, state
    ('ok', 'not yet', 'not in this source', 'undefined'), missing (why there is no forecast), rule.
    UsageError for an unknown period.
    """
    if period is not None:
        term.period(period)
    return once(con, ("outlook", period), lambda: _outlook(con, period), shared=True).copy()


def _outlook(con: DuckDBPyConnection, period: str | None) -> pd.DataFrame:
    asked = indicators(con)
    lacking = untold(con, asked)
    known = Known(con)
    rows = [_row(con, one, period or USUAL[one.per], lacking.get(one.kpi), known) for one in asked]
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS)
    days = {name: pd.to_datetime(frame[name]) for name in ("period_on", "ends_on", "before_on")}
    return frame.astype(dict.fromkeys(NUMBERS, "float64")).assign(**days)


class Known:
    """What all KPIs share: the events by day, the periods, and whether the source still speaks."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self.context = term.context(con)
        self.days = event.events(con, by="day")
        self.periods = {str(name): _begun(rows) for name, rows in read(con, PERIODS).groupby("period")}

    def of(self, one: Indicator) -> pd.DataFrame:
        """Return the events of one KPI by day: cases, hits and squares, in numbers or in amounts."""
        family = FROM.get(one.family, one.family)
        rows = self.days[(self.days["family"] == family) & (self.days["stage"] == one.to_stage)]
        is_money = one.unit == "money" or one.family == "win_rate_amount"
        cases = rows["amount"] if is_money else rows["n"]
        hits = rows["hit_amount"] if is_money else rows["n_hit"]
        squares = rows["squares"] if is_money else rows["n"]
        columns = {"cases": cases, "hits": hits, "squares": squares, "n": rows["n"]}
        frame = pd.DataFrame({name: values.astype("float64").fillna(0.0) for name, values in columns.items()})
        return frame.set_index(pd.to_datetime(rows["period_on"])).sort_index()


def _begun(periods: pd.DataFrame) -> pd.DataFrame:
    """Return the periods with the one that begins with the report, where none is running."""
    last = periods.iloc[-1]
    if not last["is_complete"]:
        return periods
    start = pd.Timestamp(last["ends_on"])
    new = {"starts_on": start, "ends_on": start + STEP[last["period"]], "is_complete": False, "share": 0.0}
    return pd.concat([periods, pd.DataFrame([{"period": last["period"]} | new])], ignore_index=True)


def _row(
    con: DuckDBPyConnection, one: Indicator, by: str, lacking: tuple[str, str] | None, known: Known
) -> dict[str, Any]:
    names = ("kpi", "title", "unit", "owners", "direction")
    said = {name: getattr(one, name) for name in names} | {"period": by, "level": ahead.LEVEL}
    if lacking:
        return said | dict(zip(("state", "missing"), lacking, strict=True))
    if one.family == "conversion":
        return said | _cohort(con, one)
    if one.family not in TOLD:
        words = NO_FORECAST.get(one.family, "it is told of whole periods only")
        return said | {"state": "undefined", "missing": f"no forecast: {words}"}
    if known.context.seen_until < known.context.as_of:
        last = number.day(known.context.last_on)
        return said | {"state": "not yet", "missing": f"nothing was recorded after {last}"}
    return said | _running(one, by, known)


def _running(one: Indicator, by: str, known: Known) -> dict[str, Any]:
    periods, days = known.periods.get(by), known.of(one)
    if periods is None or days.empty:
        return {"state": "undefined", "missing": "nothing to count yet"}
    running = periods.iloc[-1]
    table = cut(days, periods, float(running["share"]))
    now, before = table.iloc[-1], table.iloc[:-1]
    rule = (RATE_RULE if one.family in RATES else FLOW_RULE).format(most=MOST, period=by)
    found = {
        "period_on": running["starts_on"],
        "ends_on": running["ends_on"],
        "elapsed_share": running["share"],
        "n": now["n"],
        "so_far": value(one, now["seen"], now["seen_hits"]),
        "target": _target(one, by, running),
        "rule": rule,
        **_previous(one, before),
    }
    return found | _ahead(one, before, now, found["target"], by)


def cut(days: pd.DataFrame, periods: pd.DataFrame, share: float) -> pd.DataFrame:
    """Return one row per period from the second with a case on, and the last: cases up to a share of it.

    `days` are events by day; the point is the whole day nearest to that share. Columns: starts_on, seen,
    rest, seen_hits, rest_hits, squares, n (cases by number up to the point).
    """
    starts, ends = (pd.to_datetime(periods[name]) for name in ("starts_on", "ends_on"))
    is_later = (starts > days.index.min()) | (starts == starts.max())
    starts, ends = starts[is_later], ends[is_later]
    points = starts + pd.to_timedelta(np.floor((ends - starts).dt.days * share + 0.5), unit="D")
    sums = days.cumsum()

    def until(moments: pd.Series[pd.Timestamp]) -> pd.DataFrame:
        places = days.index.searchsorted(moments.to_numpy(), side="left")
        padded = pd.concat([pd.DataFrame(0.0, index=[days.index[0]], columns=sums.columns), sums])
        return padded.iloc[places].reset_index(drop=True)

    first, middle, last = until(starts), until(points), until(ends)
    seen, rest = middle - first, last - middle
    return pd.DataFrame(
        {
            "starts_on": starts.to_numpy(),
            "seen": seen["cases"],
            "rest": rest["cases"],
            "seen_hits": seen["hits"],
            "rest_hits": rest["hits"],
            "squares": (last - first)["squares"],
            "n": seen["n"],
        }
    )


def predicted(one: Indicator, before: pd.DataFrame, now: pd.Series[Any]) -> ahead.Ahead:
    """Return what a period comes to, from what it has so far and the rows of `cut` of the periods before."""
    used = before.tail(MOST)
    columns = (used[name].to_numpy() for name in ("seen", "rest", "seen_hits", "rest_hits"))
    course, total = ahead.Course(*columns), float((used["seen"] + used["rest"]).sum())
    grain = float(used["squares"].sum()) / total if total > 0 else 1.0
    if one.family in RATES:
        return ahead.rate(course, float(now["seen"]), float(now["seen_hits"]), grain)
    found = ahead.flow(course, float(now["seen"]), grain)
    if one.unit != "count":
        return found
    return ahead.Ahead(found.value, float(np.floor(found.low)), float(np.ceil(found.high)))


def _ahead(
    one: Indicator, before: pd.DataFrame, now: pd.Series[Any], target: float | None, by: str
) -> dict[str, Any]:
    n = len(before)
    if n < ahead.LEAST:
        words = f"{n} whole {by}{'' if n == 1 else 's'} before it; a forecast needs {ahead.LEAST}"
        return {"state": "not yet", "missing": words, "n_periods": n}
    found = predicted(one, before, now)
    reached = None if not target else found.value / target
    values = {"forecast": found.value, "low": found.low, "high": found.high, "attainment": reached}
    return values | {"state": "ok", "n_periods": min(n, MOST)}


def _previous(one: Indicator, before: pd.DataFrame) -> dict[str, Any]:
    if before.empty:
        return {}
    last = before.iloc[-1]
    return {
        "before_on": last["starts_on"],
        "before_so_far": value(one, last["seen"], last["seen_hits"]),
        "before": value(one, last["seen"] + last["rest"], last["seen_hits"] + last["rest_hits"]),
    }


def value(one: Indicator, cases: float, hits: float) -> float | None:
    """Return what a KPI is of so many cases and hits; None for a rate of nothing."""
    if one.family not in RATES:
        return float(cases)
    return float(hits / cases) if cases > 0 else None


def _target(one: Indicator, by: str, running: pd.Series[Any]) -> float | None:
    """Return the target put on the period: of counts and amounts its part by days."""
    if one.target is None or one.unit == "rate" or by == one.per:
        return one.target
    if DAYS[by] > DAYS[one.per] > DAYS["week"]:
        return one.target * 3
    days = (pd.Timestamp(running["ends_on"]) - pd.Timestamp(running["starts_on"])).days
    return one.target * float(days) / DAYS[one.per]


def _cohort(con: DuckDBPyConnection, one: Indicator) -> dict[str, Any]:
    """Return the youngest monthly cohort that can be told, by chain ladder, and the same age before."""
    days = (one.within_seconds or 0) / term.DAY_SECONDS
    given: dict[str, Any] = {"from_stage": one.from_stage, "to_stage": one.to_stage, "within_days": days}
    table = forecast.cohorts(con, **given)
    young = table[~table["is_mature"].astype(bool) & (table["n"] > 0)]
    told = young[young["rate"].notna()]
    if told.empty:
        note = None if young.empty else young["note"].iloc[-1]
        return {"period": "month", "state": "not yet", "missing": note or "no young cohort"}
    row = told.iloc[-1]
    aged = conversion.same_age(con, **given, order="implied")
    aged = aged[aged["is_mature"].astype(bool)].tail(2)
    earlier = aged.iloc[0] if len(aged) == 2 else None
    return {
        "period": "month",
        "period_on": row["period_on"],
        "ends_on": pd.Timestamp(row["period_on"]) + pd.DateOffset(months=1),
        "elapsed_share": row["observed_share"],
        "n": row["n"],
        "so_far": None if aged.empty else aged["rate"].iloc[-1],
        "before_so_far": None if earlier is None else earlier["rate"],
        "before_on": None if earlier is None else earlier["period_on"],
        "forecast": row["rate"],
        "low": row["low"],
        "high": row["high"],
        "n_periods": int(table["is_mature"].sum()),
        "target": one.target,
        "attainment": row["rate"] / one.target if one.target else None,
        "state": "ok",
        "rule": row["rule"],
    }
