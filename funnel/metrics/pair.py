"""The engine of conversions between two stages: who entered the first, and whom an order lets count.

Every visit is read (core.stage_event), so that a stage entered twice, or before another, is judged by what
happened. Where either event is known only to the day, days are compared; equal instants, and the events of a
day of which one has no time, count in funnel order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import convention, sequence, term
from funnel.metrics.frame import read, splitting

ENTRANT = splitting("""
with recursive clock as (
    select
        cast($until as timestamp) as until_at,
        cast($today as date) as today,
        cast($seconds as bigint) as span_seconds,
        cast($seconds // 86400 as integer) as span_days
),
target as (
    select s.stage, s.position
    from contract.stage s
    join run.context c on c.contract = s.version
    where list_contains($to_stages, s.stage)
),
entry as (
    select
        e.*,
        e.cycle_id in (
            select r.cycle_id
            from marts.stage_entry r
            join marts.stage_entry b on b.person_id = r.person_id and b.pass < r.pass
            where r.pass > 1 and r.stage = $from_stage and b.stage = $from_stage
        ) as is_repeat
    from marts.stage_entry e
    where e.stage = $from_stage
),
entrant as (
    select
        e.cycle_id, e.person_id, e.position, e.entered_at, e.entered_on, e.entered_precision,
        e.is_observed, e.is_repeat,
        case $period when 'week' then e.week_on when 'month' then e.month_on when 'quarter' then e.quarter_on
        end as period_on,
        split_into($by, c),
        case when not list_contains($by, 'pass') then null when e.is_repeat then 'repeat' else 'first'
        end as pass,
        case
            when e.entered_precision = 'day' then e.entered_on + k.span_days < k.today
            else e.entered_at + to_seconds(k.span_seconds) <= k.until_at
        end as is_mature,
        least(k.span_seconds, cast(greatest(0, epoch(k.until_at - e.entered_at)) as bigint)) as seen_seconds,
        k.span_seconds, k.span_days
    from entry e
    join marts.cycle c on c.cycle_id = e.cycle_id
    cross join clock k
    where e.entered_at is not null
        and (e.is_observed or $order = 'implied')
        and e.entered_on >= coalesce(cast($start_on as date), e.entered_on)
        and e.entered_on < coalesce(cast($end_on as date), e.entered_on + 1)
),
""")

TALLY = """
seen as (
    select
        r.cycle_id, t.position,
        bool_or(r.is_after and r.position = t.position) as is_observed,
        bool_or(r.is_after and r.position > t.position) as is_passed,
        bool_or(r.is_impossible and r.position = t.position) as is_impossible,
        bit_count(bit_or(1 << r.position) filter (where r.is_after and r.position < t.position)) as n_between
    from reachable r
    cross join target t
    group by r.cycle_id, t.position
),
member as (
    select
        a.*, t.stage, t.position as target_position,
        a.is_mature or not cast($mature_only as boolean) as is_used,
        case
            when $order in ('in order', 'any order') and $skips = 'allowed'
                then coalesce(s.is_observed, false)
            else h.cycle_id is not null
        end as is_converted,
        coalesce(s.is_observed, false) as is_seen,
        coalesce(s.is_passed, false) and not coalesce(s.is_observed, false) as is_imputed,
        coalesce(s.is_impossible, false) as is_flagged,
        coalesce(s.n_between, 0) < t.position - a.position - 1 as has_skipped
    from entrant a
    cross join target t
    left join hit h on h.cycle_id = a.cycle_id and h.position = t.position
    left join seen s on s.cycle_id = a.cycle_id and s.position = t.position
)
select
    period_on, channel, campaign, content, region, country, industry, company_size, persona, lead_type, pass,
    stage, target_position as position,
    count(*) filter (where is_used) as n,
    count(distinct person_id) filter (where is_used) as n_persons,
    count(*) filter (where is_used and not is_repeat) as n_first,
    count(*) filter (where is_used and is_repeat) as n_repeat,
    count(*) filter (where is_used and not is_observed) as n_entry_imputed,
    count(*) filter (where is_used and is_converted) as n_converted,
    count(*) filter (where is_used and is_converted and is_seen) as n_observed,
    count(*) filter (where is_used and is_imputed) as n_imputed,
    count(*) filter (where is_used and is_converted and has_skipped) as n_skipped,
    count(*) filter (where is_used and is_flagged) as n_impossible,
    count(*) filter (where not is_used) as n_young,
    bool_and(is_mature) filter (where is_used) as is_mature,
    sum(seen_seconds) filter (where is_used)
        / nullif(count(*) filter (where is_used) * max(span_seconds), 0) as observed_share
from member
group by all
order by
    period_on nulls last, channel nulls last, campaign nulls last, content nulls last, region nulls last,
    country nulls last, industry nulls last, company_size nulls last, persona nulls last,
    lead_type nulls last, pass, position
"""

CELLS = "".join((ENTRANT, sequence.COUNTED, TALLY))


def cells(
    con: DuckDBPyConnection,
    asked: convention.Asked,
    *,
    to_stages: Iterable[str] | None = None,
    start_on: date | str | None = None,
    end_on: date | str | None = None,
    mature_only: bool = False,
) -> pd.DataFrame:
    """Return one row per period, segment and stage of `to_stages`: the entrants of a cohort, and who counts.

    The cohort are the cycles whose first entry into the first stage lies in [start_on, end_on): observed
    entries, and with order 'implied' also imputed ones (n_entry_imputed). Columns: period_on, one per split
    (null where not asked), stage, position, n, n_persons, n_first, n_repeat (the person had been at the
    stage in an earlier cycle), n_entry_imputed, n_converted, n_observed, n_imputed (passed the stage
    unobserved: in n_converted only where implied), n_skipped (converted past a stage between that was not
    observed), n_impossible, n_young (left out by `mature_only`), is_mature, observed_share.
    """
    clock = term.context(con)
    return read(
        con,
        CELLS,
        until=clock.seen_until,
        today=clock.seen_on,
        seconds=asked.seconds,
        from_stage=asked.start.name,
        to_stages=list(to_stages or [asked.end.name]),
        period=asked.period,
        by=list(asked.by),
        order=asked.order,
        skips=asked.skips,
        start_on=start_on,
        end_on=end_on,
        mature_only=mature_only,
    )
