"""Every obligation on a hand-off by its clock: per SLA and tier, what was met, missed, open or unknown."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import term
from funnel.metrics.frame import read, splitting
from funnel.metrics.source import ABSENT, missing

SEGMENTS = ("stage", "to_team", "calendar", *term.DIMENSIONS)
BY = ("all", *term.PERIODS, *SEGMENTS)

CLOCKS = splitting("""
with owed as (
    select
        s.sla, s.tier, s.outcome, h.first_touch_at is null as is_untouched,
        coalesce(s.due_at <= c.as_of, true) as is_due,
        s.least_hours, s.least_hours is not null as is_timed,
        coalesce(s.most_hours, cast('infinity' as double)) as most_hours,
        case $by
            when 'week' then cast(h.week_on as text)
            when 'month' then cast(h.month_on as text)
            when 'quarter' then cast(h.quarter_on as text)
            when 'stage' then h.stage
            when 'to_team' then h.to_team
            when 'calendar' then h.calendar
            when 'all' then 'all'
            else split_by($by, h)
        end as value
    from marts.handoff_sla s
    join marts.handoff h on h.handoff_id = s.handoff_id
    cross join run.context c
    where h.handed_on is null
        or (
            h.handed_on >= coalesce(cast($start_on as date), h.handed_on)
            and h.handed_on < coalesce(cast($end_on as date), h.handed_on + 1)
        )
),
tally as (
    select
        value, sla, case when grouping(tier) = 1 then 'all' else tier end as tier,
        count(*) as n_hand_offs,
        count(*) filter (where is_due and outcome in ('met', 'missed')) as n,
        count(*) filter (where is_due and outcome = 'met') as n_met,
        count(*) filter (where is_due and outcome = 'missed') as n_missed,
        count(*) filter (where is_due and outcome = 'missed' and is_untouched) as n_untouched,
        count(*) filter (where not is_due and outcome = 'met') as n_early,
        count(*) filter (where outcome = 'open') as n_open,
        count(*) filter (where outcome = 'unknown') as n_unknown,
        count(least_hours) filter (where is_due) as n_timed,
        quantile_disc(least_hours, 0.5) filter (where is_due and is_timed) as median_least_hours,
        quantile_disc(most_hours, 0.5) filter (where is_due and is_timed) as median_most_hours
    from owed
    group by grouping sets ((value, sla, tier), (value, sla))
    having grouping(tier) = 1 or tier <> 'all'
),
agreed as (
    select s.sla, t.tier, t.rank, t.clock, t.within_seconds / 3600.0 as within_hours, t.words, s.attainment
    from contract.sla_tier t
    join contract.sla s on s.version = t.version and s.sla = t.sla
    join run.context c on c.contract = t.version
)
select
    t.*, coalesce(a.words, s.words) as words, a.clock, a.within_hours,
    coalesce(a.attainment, s.attainment) as agreed
from tally t
left join agreed a on a.sla = t.sla and a.tier = t.tier
left join (
    select s.* from contract.sla s join run.context c on c.contract = s.version
) s on s.sla = t.sla
order by t.sla, t.tier <> 'all', a.rank nulls last, t.tier, t.value nulls last
""")

RULE = (
    "Of the hand-offs whose deadline has passed and whose outcome is known, the share met, each by the "
    "deadline of its own tier, in the clock of its SLA without pauses. Hours to the answer of all whose "
    "deadline has passed: the median lies between the two given; the unanswered count in the lower one as "
    "answered at the report, in the upper one as never; null: fewer than half were answered."
)
COLUMNS = [
    "sla",
    "tier",
    "value",
    "words",
    "clock",
    "within_hours",
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
    "n_timed",
    "median_least_hours",
    "median_most_hours",
    "agreed",
]
LIMITS = ["limit_low", "limit_high", "is_outside", "is_small"]


def clocks(
    con: DuckDBPyConnection,
    *,
    by: str = "all",
    start_on: date | str | None = None,
    end_on: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per SLA, tier ('all': all tiers together) and value of `by`, for [start_on, end_on).

    `by`: all, week, month or quarter of the hand-off, or a segment (stage, to_team, calendar, channel and the
    other dimensions); UsageError for anything else. Columns: sla, tier, value, words, clock, within_hours
    (as agreed now; null for all tiers together), n_hand_offs, n (deadline passed, outcome known), n_met,
    n_missed, n_untouched (of the missed), n_early (met, deadline ahead), n_open, n_unknown, rate with low and
    high (Wilson), range_low and range_high (all unknown missed, all met; null if none is unknown), n_timed,
    median_least_hours and median_most_hours, agreed, state, rule; for a segment also limit_low, limit_high,
    is_outside, is_small (over-dispersed 99.8 % limits among the values of one SLA and tier).
    """
    if by not in BY:
        raise UsageError(
            f"Hand-offs cannot be split by '{by}'.{did_you_mean(by, BY)} Known: {', '.join(BY)}."
        )
    frame = read(con, CLOCKS, by=by, start_on=start_on, end_on=end_on)
    frame["median_most_hours"] = frame["median_most_hours"].replace(np.inf, np.nan)
    frame = _judged(stats.with_rate(frame, "n_met", "n"), missing(con, "activity") is not None)
    more = LIMITS if by in SEGMENTS else []
    frame = _limited(frame) if more else frame
    return frame[[*COLUMNS, *more, "state"]].assign(rule=RULE)


def _judged(frame: pd.DataFrame, is_absent: bool) -> pd.DataFrame:
    every, coarse = frame["n"] + frame["n_unknown"], frame["n_unknown"] > 0
    frame = frame.assign(
        range_low=np.where(coarse, stats.rate(frame["n_met"], every), np.nan),
        range_high=np.where(coarse, stats.rate(frame["n_met"] + frame["n_unknown"], every), np.nan),
    )
    unanswerable = is_absent & (frame["n"] == 0) & coarse
    hours = ["median_least_hours", "median_most_hours"]
    frame.loc[unanswerable, hours] = np.nan
    frame.loc[unanswerable, "n_timed"] = 0
    return frame.assign(state=np.where(unanswerable, ABSENT, np.where(frame["n"] == 0, "undefined", "ok")))


def _limited(frame: pd.DataFrame) -> pd.DataFrame:
    groups = [stats.with_limits(rows, "n_met", "n") for _, rows in frame.groupby(["sla", "tier"], sort=False)]
    return pd.concat(groups) if groups else frame.assign(**dict.fromkeys(LIMITS))
