"""How long hand-offs wait: for an owner, for an answer, and the buyer since he first asked."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics.frame import read
from funnel.metrics.source import ABSENT, missing

WAITS = """
with handed as (
    select h.*, v.landmark_seconds / 86400.0 as landmark_days
    from marts.handoff h
    cross join run.context c
    join contract.version v on v.version = c.contract
    where h.handed_on >= coalesce(cast($start_on as date), h.handed_on)
        and h.handed_on < coalesce(cast($end_on as date), h.handed_on + 1)
),
waited as (
    select 1 as position, 'wait' as clock, first_touch_at is not null as is_ended,
        age_days >= landmark_days as is_old,
        wait_elapsed_hours as elapsed, wait_business_hours as business
    from handed
    union all
    select 2, 'queue', assigned_at is not null, age_days >= landmark_days, queue_elapsed_hours,
        queue_business_hours
    from handed
    union all
    select 3, 'response', first_touch_at is not null, age_days >= landmark_days, elapsed_hours, business_hours
    from handed
),
ranked as (
    select *, is_ended and elapsed is null as is_coarse,
        case when is_ended then elapsed else cast('infinity' as double) end as elapsed_hours,
        case when is_ended then business else cast('infinity' as double) end as business_hours
    from waited
)
select
    position, clock,
    count(*) filter (where is_old) as n,
    count(*) filter (where is_old and is_ended) as n_ended,
    count(*) filter (where is_old and not is_ended) as n_waiting,
    count(*) filter (where is_old and is_coarse) as n_coarse,
    count(*) filter (where not is_old) as n_young,
    quantile_disc(elapsed_hours, 0.5) filter (where is_old and not is_coarse) as median_elapsed_hours,
    quantile_disc(business_hours, 0.5) filter (where is_old and not is_coarse) as median_business_hours
from ranked
group by position, clock
order by position
"""

QUEUE = """
select
    h.stage, h.to_team,
    count(*) as n,
    count(h.assigned_at) as n_assigned,
    count(*) filter (where h.queue_elapsed_hours = 0) as n_at_once,
    count(*) filter (where h.assigned_at is null and h.outcome = 'open') as n_waiting,
    count(*) filter (where h.assigned_at is null and h.outcome <> 'open') as n_never,
    quantile_disc(
        case when h.assigned_at is null then cast('infinity' as double) else h.queue_elapsed_hours end, 0.5
    ) as median_elapsed_hours,
    quantile_disc(
        case when h.assigned_at is null then cast('infinity' as double) else h.queue_business_hours end, 0.5
    ) as median_business_hours
from marts.handoff h
where h.handed_on >= coalesce(cast($start_on as date), h.handed_on)
    and h.handed_on < coalesce(cast($end_on as date), h.handed_on + 1)
group by h.stage, h.to_team
order by h.stage, h.to_team
"""

TITLES = {
    "wait": "Engagement to first touch",
    "queue": "Hand-off to assignment",
    "response": "Assignment to first touch",
}
RULE = (
    "Hand-offs at least the contract's landmark old; those still waiting count as longer than all others, so "
    "the median is that of all; null: fewer than half came to an end. Pauses are left out. From the start "
    "of the cycle (the buyer's wait), from hand-off to assignment, and from assignment (hand-off while "
    "nobody is assigned) to the first human touch after the hand-off."
)
QUEUE_RULE = (
    "Hand-offs by whether and when a rep of the receiving team was assigned; those without one count as "
    "longer than all others, so the median is that of all; null: fewer than half were assigned."
)
HOURS = ["median_elapsed_hours", "median_business_hours"]


def waits(
    con: DuckDBPyConnection, *, start_on: date | str | None = None, end_on: date | str | None = None
) -> pd.DataFrame:
    """Return one row per clock of the hand-offs made in [start_on, end_on): wait, queue, response.

    Columns: clock, title, n (hand-offs of known time, old enough to be judged), n_ended, n_waiting (no touch,
    or no assignment, to date), n_coarse (ended, but an end is known only to the day: left out of the
    medians), n_young (too young, left out), rate (ended of n) with low and high, median_elapsed_hours,
    median_business_hours (null: not reached), state, rule.
    """
    frame = stats.with_rate(_finite(read(con, WAITS, start_on=start_on, end_on=end_on)), "n_ended", "n")
    frame.insert(2, "title", frame["clock"].map(TITLES))
    absent = frame["clock"].ne("queue") & (missing(con, "activity") is not None)
    frame.loc[absent, ["rate", "low", "high", *HOURS]] = np.nan
    state = np.where(absent, ABSENT, np.where(frame["n"] == 0, "undefined", "ok"))
    return frame.drop(columns="position").assign(state=state, rule=RULE)


def queue(
    con: DuckDBPyConnection, *, start_on: date | str | None = None, end_on: date | str | None = None
) -> pd.DataFrame:
    """Return one row per stage and receiving team: how long hand-offs of [start_on, end_on) had no owner.

    Columns: stage, to_team, n, n_assigned, n_at_once (a rep of the receiving team had it at the hand-off),
    n_waiting (nobody assigned, still open), n_never (ended without an owner), rate (assigned of n) with low
    and high, median_elapsed_hours, median_business_hours (null: not reached), rule.
    """
    frame = _finite(read(con, QUEUE, start_on=start_on, end_on=end_on))
    return stats.with_rate(frame, "n_assigned", "n").assign(rule=QUEUE_RULE)


def _finite(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].replace(np.inf, np.nan) for name in HOURS})
