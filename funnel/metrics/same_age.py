"""Cohorts of different ages, compared fairly: each at the age of the youngest."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.errors import UsageError
from funnel.metrics import share, term

YOUNGEST = """
select max(p.ends_on)
from run.period p
where p.period = $period and p.ends_on < cast($today as date)
"""

COLUMNS = ["period_on", "n", "n_persons", "n_first", "n_repeat", "n_converted", "n_observed", "n_imputed"]
COLUMNS += ["n_impossible", "rate", "low", "high", "is_mature", "observed_share", "note"]


def same_age(
    con: DuckDBPyConnection,
    *,
    from_stage: str,
    to_stage: str,
    within_days: float,
    period: str = "month",
    order: str = "in order",
    age_days: float | None = None,
) -> pd.DataFrame:
    """Return one row per cohort, all at one age: the share that had reached a stage by then.

    The age is that of the youngest period that has been over for a day (whole days since its end), at most
    `within_days`; or `age_days`, and then younger cohorts have no rate. Columns: period_on, n, n_persons,
    n_first, n_repeat, n_converted, n_observed, n_imputed, n_impossible, rate, low, high, is_mature (all of
    it has that age), observed_share, note (null, or why it cannot be compared: left truncated, cut); change
    against the cohort before with change_low and change_high (Newcombe; null unless both have that age and
    no note); age_days, within_days, order, rule. UsageError for an unknown word, or an age beyond the window.
    """
    age = _age(con, period, within_days) if age_days is None else age_days
    if age > within_days:
        raise UsageError(
            f"An age of {age:g} days lies beyond the window of {within_days:g} days, in which a conversion "
            "counts. Give an age within the window, or a longer window."
        )
    given: dict[str, Any] = {"from_stage": from_stage, "to_stage": to_stage, "period": period, "order": order}
    frame = share.rate(con, convention="cohort", within_days=age, **given)
    ends = _titles(con, from_stage, to_stage)
    rule = (
        f"Same age: of those who entered {ends[0]} in each {period}, the share that had reached {ends[1]} "
        f"{number.days(age)} after entry, {order}. Every cohort is shown at the age of the youngest; the "
        f"window is {within_days:g} days."
    )
    frame = _with_change(frame[COLUMNS])
    return frame.assign(age_days=float(age), within_days=within_days, order=order, rule=rule)


def _age(con: DuckDBPyConnection, period: str, within_days: float) -> float:
    term.period(period)
    today = term.context(con).seen_on
    found = con.execute(YOUNGEST, {"period": period, "today": today}).fetchall()[0][0]
    return within_days if found is None else min((today - found).days, within_days)


def _titles(con: DuckDBPyConnection, from_stage: str, to_stage: str) -> tuple[str, str]:
    start, end = term.stage_pair(con, from_stage, to_stage)
    return start.title, end.title


def _with_change(frame: pd.DataFrame) -> pd.DataFrame:
    """Set each cohort beside the one before it, where both have the age and nothing forbids it."""
    known = frame[["n_converted", "n"]].where(frame["is_mature"] & frame["note"].isna())
    before = known.shift(1)
    change, low, high = stats.newcombe(known["n_converted"], known["n"], before["n_converted"], before["n"])
    return frame.assign(change=change, change_low=low, change_high=high)
