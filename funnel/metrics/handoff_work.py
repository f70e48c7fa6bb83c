"""How hand-offs were worked: attempts within the agreed cadence, and what each owner did in his span."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics.frame import read
from funnel.metrics.source import ABSENT, missing

PERSISTENCE = """
with worked as (
    select
        least(h.n_in_cadence, a.attempts) as attempts, a.attempts as agreed, s.outcome, h.gave_up_early,
        h.outcome as ending, h.n_attempt_days,
        date_diff('second', h.handed_at, h.last_attempt_at) / 86400.0 as last_days
    from marts.handoff h
    join marts.handoff_sla s on s.handoff_id = h.handoff_id and s.sla = 'cadence'
    join (
        select version, max(attempts) as attempts
        from contract.sla_tier
        where sla = 'cadence'
        group by version
    ) a on a.version = h.version
    cross join run.context c
    where s.due_at <= c.as_of and s.outcome in ('met', 'missed')
        and h.handed_on >= coalesce(cast($start_on as date), h.handed_on)
        and h.handed_on < coalesce(cast($end_on as date), h.handed_on + 1)
)
select
    attempts, grouping(attempts) = 1 as is_total, max(agreed) as agreed,
    count(*) as n,
    count(*) filter (where outcome = 'met') as n_met,
    count(*) filter (where gave_up_early) as n_gave_up,
    count(*) filter (where ending = 'accepted') as n_accepted,
    count(*) filter (where ending in ('rejected', 'recycled', 'lost')) as n_refused,
    count(*) filter (where ending = 'open') as n_open,
    avg(n_attempt_days) as mean_days,
    quantile_disc(last_days, 0.5) filter (where last_days is not null) as median_last_day
from worked
group by grouping sets ((attempts), ())
having count(*) > 0
order by is_total, attempts
"""

SPANS = """
with held as (
    select s.*, h.to_team
    from marts.handoff_owner_span s
    join marts.handoff h on h.handoff_id = s.handoff_id
    where h.handed_on >= coalesce(cast($start_on as date), h.handed_on)
        and h.handed_on < coalesce(cast($end_on as date), h.handed_on + 1)
)
select
    holder, owner_id,
    count(*) as n,
    count(distinct handoff_id) as n_hand_offs,
    count(*) filter (where number > 1) as n_taken_over,
    count(*) filter (where n_touches > 0) as n_touched,
    count(*) filter (where is_responder) as n_answered,
    sum(n_touches) as n_touches,
    sum(n_own_touches) as n_own_touches,
    count(*) filter (where elapsed_hours is null) as n_coarse,
    sum(cast(round(business_hours * 3600) as bigint)) / 3600.0 as business_hours,
    sum(cast(round(elapsed_hours * 3600) as bigint)) / 3600.0 as elapsed_hours,
    quantile_disc(business_hours, 0.5) filter (where business_hours is not null) as median_business_hours
from held
group by holder, owner_id
order by holder, owner_id nulls last
"""

RULE = (
    "Hand-offs whose cadence has run out, by the number of human touches within it and before the outcome "
    "(the agreed number stands for more). Met: the agreed attempts, or an outcome after a touch; gave up: "
    "touched, but neither."
)
SPAN_RULE = (
    "Each holder's own span of a hand-off, from the hand-off or his assignment to the next owner, the "
    "outcome, or the report; an owner change starts no clock again, and the spans of a hand-off add to the "
    "whole. Touches by whomever in the span; limits: over-dispersed, 99.8 %, within one kind of holder."
)


def persistence(
    con: DuckDBPyConnection, *, start_on: date | str | None = None, end_on: date | str | None = None
) -> pd.DataFrame:
    """Return one row per number of attempts within the cadence, and one for all, by day of hand-off.

    Columns: attempts (null in the total), is_total, agreed (attempts; the most of all tiers), n, n_met,
    n_gave_up, n_accepted, n_refused (rejected, recycled, lost), n_open, mean_days (days with an attempt, mean
    over all n), median_last_day (days from hand-off to the last attempt, of those with one), rate (n of all)
    with low and high, state, rule. No agreed cadence gives no rows.
    """
    frame = read(con, PERSISTENCE, start_on=start_on, end_on=end_on)
    total = int(frame.loc[frame["is_total"], "n"].sum())
    frame = stats.with_rate(frame.assign(n_all=total), "n", "n_all").drop(columns="n_all")
    state = ABSENT if missing(con, "activity") else "ok"
    return frame.assign(state=state, rule=RULE)


def owner_spans(
    con: DuckDBPyConnection, *, start_on: date | str | None = None, end_on: date | str | None = None
) -> pd.DataFrame:
    """Return one row per holder of hand-offs made in [start_on, end_on): reps, queues, the giver, nobody.

    Columns: holder (receiver, queue, giver, nobody), owner_id, n (spans), n_hand_offs, n_taken_over (had
    another holder before), n_touched, n_answered (the first touch fell into the span), n_touches,
    n_own_touches (by the holder himself), n_coarse (an end is known only to the day: no hours),
    business_hours and elapsed_hours (held in all), median_business_hours, rate (touched of n) with low and
    high, limit_low, limit_high, is_outside, is_small, rule.
    """
    frame = stats.with_rate(read(con, SPANS, start_on=start_on, end_on=end_on), "n_touched", "n")
    limits = ["limit_low", "limit_high", "is_outside", "is_small"]
    groups = [stats.with_limits(rows, "n_touched", "n") for _, rows in frame.groupby("holder", sort=False)]
    frame = pd.concat(groups) if groups else frame.assign(**dict.fromkeys(limits, np.nan))
    return frame.assign(rule=SPAN_RULE)
