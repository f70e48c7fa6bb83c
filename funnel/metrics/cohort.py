"""The cohort engine: who entered a stage, and how far each came within a window.

One query answers for all conversion metrics, so that a funnel, a curve over months and a table by channel
agree. Rules (METHODS section 2): the window is elapsed time from entry, its end included; equal instants
count in funnel order; where either event is known only to the day, days are compared; a later stage implies
the earlier ones. Where nothing at all was recorded in the last 14 days before as_of, the window is seen
only up to the last record.
"""

from __future__ import annotations

from datetime import date

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics.frame import read, splitting
from funnel.metrics.term import context

REACHED = splitting("""
with clock as (
    select
        cast($until as timestamp) as until_at,
        cast($today as date) as today,
        cast($seconds as bigint) as span_seconds,
        cast($seconds // 86400 as integer) as span_days
),
entrant as (
    select
        e.cycle_id, e.person_id, e.position, e.entered_at, e.entered_on, e.entered_precision,
        c.exit, c.exit_at, c.exit_on, c.exit_precision, c.furthest_position, c.is_stale,
        case $by
            when 'week' then cast(e.week_on as text)
            when 'month' then cast(e.month_on as text)
            when 'quarter' then cast(e.quarter_on as text)
            else split_by($by, c)
        end as label
    from marts.stage_entry e
    join marts.cycle c on c.cycle_id = e.cycle_id
    where e.stage = $from_stage
        and e.entered_at is not null
        and e.entered_on >= coalesce(cast($start_on as date), e.entered_on)
        and e.entered_on < coalesce(cast($end_on as date), e.entered_on + 1)
),
aged as (
    select
        a.*, k.span_seconds, k.span_days,
        case
            when a.entered_precision = 'day' then a.entered_on + k.span_days < k.today
            else a.entered_at + to_seconds(k.span_seconds) <= k.until_at
        end as is_mature,
        least(k.span_seconds, cast(greatest(0, epoch(k.until_at - a.entered_at)) as bigint)) as seen_seconds,
        case
            when 'day' in (a.entered_precision, a.exit_precision)
                then a.exit_on - a.entered_on <= k.span_days
            else a.exit_at <= a.entered_at + to_seconds(k.span_seconds)
        end as exits_within
    from entrant a
    cross join clock k
),
chosen as (
    select * from aged where is_mature or not cast($mature_only as boolean)
),
step as (
    select
        a.label, a.cycle_id, s.position, s.is_observed, s.is_impossible,
        case
            when 'day' in (a.entered_precision, s.entered_precision)
                then s.entered_on - a.entered_on <= a.span_days
            else s.entered_at <= a.entered_at + to_seconds(a.span_seconds)
        end as is_within
    from chosen a
    join marts.stage_entry s on s.cycle_id = a.cycle_id and s.position >= a.position
),
reach as (
    select cycle_id, max(position) filter (where is_within) as position
    from step
    group by cycle_id
),
ended as (
    select
        a.label, r.position, a.is_stale,
        case
            when a.exit = 'won' then 'open'
            when a.exits_within then a.exit
            when a.exit_at is null and a.furthest_position <= r.position then coalesce(a.exit, 'open')
            else 'open'
        end as ending
    from chosen a
    join reach r on r.cycle_id = a.cycle_id
),
tally as (
    select
        label, position, count(*) as n,
        count(*) filter (where ending = 'rejected') as n_rejected,
        count(*) filter (where ending = 'recycled') as n_recycled,
        count(*) filter (where ending = 'lost') as n_lost,
        count(*) filter (where ending = 'open') as n_open,
        count(*) filter (where ending = 'open' and is_stale) as n_stale
    from ended
    group by label, position
),
found as (
    select
        label, position,
        count(*) filter (where is_within and is_observed) as n_observed,
        count(*) filter (where is_within and is_impossible) as n_impossible
    from step
    group by label, position
),
entered as (
    select
        label, count(*) as n, count(distinct person_id) as n_persons, bool_and(is_mature) as is_mature,
        sum(seen_seconds) / (count(*) * max(span_seconds)) as observed_share,
        min(position) as position
    from chosen
    group by label
),
goal as (
    select
        s.position, s.stage, coalesce(s.title, s.stage) as title,
        s.position = max(s.position) over () as is_end
    from contract.stage s
    join run.context c on c.contract = s.version
)
select
    e.label, g.position, g.stage, g.title,
    e.n as n_entered, e.n_persons, e.is_mature, e.observed_share,
    sum(t.n) as n,
    max(o.n_observed) as n_observed,
    max(o.n_impossible) as n_impossible,
    sum(t.n_rejected) filter (where t.position = g.position) as n_rejected,
    sum(t.n_recycled) filter (where t.position = g.position) as n_recycled,
    sum(t.n_lost) filter (where t.position = g.position) as n_lost,
    sum(t.n_open) filter (where t.position = g.position and not g.is_end) as n_open,
    sum(t.n_stale) filter (where t.position = g.position and not g.is_end) as n_stale
from entered e
join goal g on g.position >= e.position
left join tally t on t.label is not distinct from e.label and t.position >= g.position
left join found o on o.label is not distinct from e.label and o.position = g.position
group by
    e.label, g.position, g.stage, g.title, e.n, e.n_persons, e.is_mature, e.observed_share
order by e.label nulls last, g.position
""")


def reached(
    con: DuckDBPyConnection,
    *,
    from_stage: str,
    seconds: int,
    by: str = "all",
    start_on: date | str | None = None,
    end_on: date | str | None = None,
    mature_only: bool = False,
) -> pd.DataFrame:
    """Return one row per label of `by` and stage from `from_stage` on: who came that far within the window.

    `by` is 'all', a period or a dimension (checked by the caller; anything else gives one null label). The
    cohort are the cycles that entered `from_stage` in [start_on, end_on). Columns: label, position, stage,
    title, n_entered, n_persons, is_mature (all had the whole window), observed_share, n (came that far),
    n_observed, n_imputed, n_impossible, and how those ended for whom it was the furthest: n_rejected,
    n_recycled, n_lost, n_open (no exit by the end of the window), n_stale (of the open ones).
    """
    clock = context(con)
    frame = read(
        con,
        REACHED,
        until=clock.seen_until,
        today=clock.seen_on,
        from_stage=from_stage,
        seconds=seconds,
        by=by,
        start_on=start_on,
        end_on=end_on,
        mature_only=mature_only,
    )
    frame.insert(list(frame).index("n_observed") + 1, "n_imputed", frame["n"] - frame["n_observed"])
    return frame
