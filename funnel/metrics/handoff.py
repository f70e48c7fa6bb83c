"""What the receiving team owed and gave: obligations of the contract on every hand-off."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics.frame import read, whole
from funnel.metrics.handoff_ageing import ageing as ageing
from funnel.metrics.handoff_ageing import waiting as waiting
from funnel.metrics.handoff_arrival import arrivals as arrivals
from funnel.metrics.handoff_arrival import by as by
from funnel.metrics.handoff_clock import clocks as clocks
from funnel.metrics.handoff_feedback import feedback as feedback
from funnel.metrics.handoff_wait import queue as queue
from funnel.metrics.handoff_wait import waits as waits
from funnel.metrics.handoff_work import owner_spans as owner_spans
from funnel.metrics.handoff_work import persistence as persistence
from funnel.metrics.source import ABSENT, missing

TALLY = """
with owed as (
    select
        s.sla, s.outcome, h.first_touch_at, h.to_team,
        coalesce(s.due_at <= c.as_of, true) as is_due,
        case $by
            when 'week' then h.week_on
            when 'month' then h.month_on
            when 'quarter' then h.quarter_on
        end as period_on
    from marts.handoff_sla s
    join marts.handoff h on h.handoff_id = s.handoff_id
    cross join run.context c
    where h.handed_on is null
        or (
            h.handed_on >= coalesce(cast($start_on as date), h.handed_on)
            and h.handed_on < coalesce(cast($end_on as date), h.handed_on + 1)
        )
),
agreed as (
    select s.sla, s.clock, s.within_seconds, s.attempts, s.attainment, s.words
    from contract.sla s
    join run.context c on c.contract = s.version
)
select
    o.period_on,
    o.sla,
    max(a.words) as words,
    max(a.clock) as clock,
    max(a.attainment) as agreed,
    string_agg(distinct o.to_team, ', ' order by o.to_team) as owners,
    count(*) as n_hand_offs,
    count(*) filter (where o.is_due and o.outcome in ('met', 'missed')) as n,
    count(*) filter (where o.is_due and o.outcome = 'met') as n_met,
    count(*) filter (where o.is_due and o.outcome = 'missed') as n_missed,
    count(*) filter (where o.is_due and o.outcome = 'missed' and o.first_touch_at is null) as n_untouched,
    count(*) filter (where not o.is_due and o.outcome = 'met') as n_early,
    count(*) filter (where o.outcome = 'open') as n_open,
    count(*) filter (where o.outcome = 'unknown') as n_unknown,
    count(*) filter (where o.is_due) / count(*) as observed_share
from owed o
left join agreed a on a.sla = o.sla
group by o.period_on, o.sla
order by o.sla, o.period_on
"""

WEEKS = """
select p.starts_on as period_on, p.is_complete
from run.period p
cross join run.context c
where p.period = $by and p.starts_at < c.as_of and p.ends_on > (select min(handed_on) from marts.handoff)
order by p.starts_on
"""

UNTOUCHED = """
with banded as (
    select
        first_touch_at is null as is_untouched,
        outcome = 'open' as is_open,
        case
            when age_days <= 1 then 1
            when age_days <= 7 then 2
            when age_days <= 14 then 3
            when age_days <= 30 then 4
            when age_days <= 90 then 5
            else 6
        end as band
    from marts.handoff
    where age_days is not null
)
select
    coalesce(band, 7) as position,
    count(*) as n,
    count(*) filter (where is_untouched) as n_untouched,
    count(*) filter (where is_untouched and is_open) as n_untouched_open
from banded
group by grouping sets ((band), ())
order by position
"""

BANDS = (
    "up to 1 day",
    "over 1 to 7 days",
    "over 7 to 14 days",
    "over 14 to 30 days",
    "over 30 to 90 days",
    "over 90 days",
    "all",
)
RULE = (
    "Of the hand-offs whose deadline has passed and whose outcome is known, the share met; met ones whose "
    "deadline lies ahead are left out, so that a young period is not flattered."
)
SLA = [
    "n_hand_offs",
    "n",
    "n_met",
    "n_missed",
    "n_untouched",
    "n_early",
    "n_open",
    "n_unknown",
    "rate",
    "low",
    "high",
    "range_low",
    "range_high",
    "agreed",
]


def tally(
    con: DuckDBPyConnection,
    *,
    by: str = "all",
    start_on: date | str | None = None,
    end_on: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per obligation and period of the hand-off (`by`: week, month, quarter or all).

    Columns: period_on, sla, words, owners, state, observed_share (of deadlines passed) and those of `sla`.
    """
    frame = read(con, TALLY, by=by, start_on=start_on, end_on=end_on)
    frame = stats.with_rate(frame, "n_met", "n")
    judged = frame["n"] + frame["n_unknown"]
    coarse = frame["n_unknown"] > 0
    frame["range_low"] = np.where(coarse, stats.rate(frame["n_met"], judged), np.nan)
    frame["range_high"] = np.where(coarse, stats.rate(frame["n_met"] + frame["n_unknown"], judged), np.nan)
    absent = missing(con, "activity") is not None
    unanswerable = absent & (frame["n"] == 0) & coarse
    return frame.assign(state=np.where(unanswerable, ABSENT, np.where(frame["n"] == 0, "undefined", "ok")))


def sla(
    con: DuckDBPyConnection, *, start_on: date | str | None = None, end_on: date | str | None = None
) -> pd.DataFrame:
    """Return one row per obligation: how the hand-offs made in [start_on, end_on) were answered.

    Columns: sla, words, owners (receiving teams), n_hand_offs, n (deadline passed, outcome known), n_met,
    n_missed, n_untouched (of the missed: no human touch to date), n_early (met, deadline ahead), n_open
    (deadline ahead), n_unknown (times too coarse, or no activities in the source), rate with low and high,
    range_low and range_high (all unknown missed, all met; null if none), agreed (attainment), state, rule.
    """
    frame = tally(con, start_on=start_on, end_on=end_on)
    return frame[["sla", "words", "owners", *SLA, "state"]].assign(rule=RULE)


def weekly(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per obligation and week of the hand-off, from the first hand-off to the week of as_of.

    Columns: week_on, those of `sla` without owners and state, is_mature (the week is over and every
    deadline has passed), observed_share (of deadlines passed; null without hand-offs), rule.
    """
    frame = tally(con, by="week")
    weeks = read(con, WEEKS, by="week")
    grid = weeks.merge(frame[["sla", "words", "agreed"]].drop_duplicates("sla"), how="cross")
    kept = frame.drop(columns=["words", "agreed", "owners", "state"])
    joined = whole(
        grid.merge(kept.assign(period_on=kept["period_on"].astype(weeks["period_on"].dtype)), how="left")
    )
    is_mature = joined["is_complete"] & (joined["observed_share"].fillna(1.0) == 1.0)
    joined = joined.assign(is_mature=is_mature, rule=RULE).rename(columns={"period_on": "week_on"})
    joined = joined.sort_values(["sla", "week_on"], kind="stable", ignore_index=True)
    return joined[["week_on", "sla", "words", *SLA, "is_mature", "observed_share", "rule"]]


def untouched(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per age of the hand-off, youngest first, and one for all: who was never touched.

    Columns: position, age, n, n_untouched (no human touch by as_of; an automated mail or a due date is
    none), n_untouched_open (of them without any outcome), share (untouched of n) with low and high, state,
    rule. Without activities in the source the three are null and state says so.
    """
    frame = read(con, UNTOUCHED)
    frame = frame[(frame["position"] < len(BANDS)) | (frame["n"] > 0)].reset_index(drop=True)
    frame = stats.with_rate(frame, "n_untouched", "n", names=("share", "low", "high"))
    frame.insert(1, "age", [BANDS[position - 1] for position in frame["position"]])
    state = "ok"
    if missing(con, "activity"):
        state = ABSENT
        gone = ["n_untouched", "n_untouched_open", "share", "low", "high"]
        frame = frame.assign(**dict.fromkeys(gone, np.nan))
    return frame.assign(state=state, rule="Hand-offs without a human touch by the instant of the report.")
