"""The engine of conventions that follow nobody: counts in a period, of the closed, and of now."""

from __future__ import annotations

from datetime import date

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import convention
from funnel.metrics.frame import read, splitting

CELLS = splitting("""
with entry as (
    select
        e.cycle_id, e.person_id, e.stage, e.entered_at, e.entered_on, e.is_observed, e.is_impossible,
        (e.cycle_id, e.stage) in (
            select (r.cycle_id, r.stage)
            from marts.stage_entry r
            join marts.stage_entry b
                on b.person_id = r.person_id and b.stage = r.stage and b.pass < r.pass
            where r.pass > 1
        ) as is_repeat
    from marts.stage_entry e
    where e.stage in ($from_stage, $to_stage)
),
been as (
    select
        cycle_id,
        bool_or(stage = $from_stage and is_observed) as was_from,
        bool_or(stage = $to_stage and is_observed) as was_to,
        bool_or(stage = $to_stage and not is_observed) as is_imputed,
        bool_or(stage = $to_stage and is_impossible) as is_flagged,
        bool_or(stage = $from_stage and is_repeat) as is_repeat
    from entry
    group by cycle_id
),
basis as (
    select
        e.cycle_id, e.person_id, e.entered_on as day_on, e.is_repeat,
        e.stage = $from_stage and e.is_observed as is_base,
        e.stage = $to_stage and e.is_observed as is_goal,
        e.stage = $to_stage and not e.is_observed as is_imputed,
        e.stage = $to_stage and e.is_impossible as is_flagged
    from entry e
    where $convention = 'period' and e.entered_at is not null
    union all
    select
        c.cycle_id, c.person_id, c.exit_on, b.is_repeat,
        true, b.was_to, b.is_imputed, b.is_flagged
    from marts.cycle c
    join been b on b.cycle_id = c.cycle_id
    where $convention = 'closed_cohort' and c.exit is not null and b.was_from
    union all
    select
        c.cycle_id, c.person_id, null, b.is_repeat,
        c.current_stage = $from_stage, c.current_stage = $to_stage, false, false
    from marts.cycle c
    join been b on b.cycle_id = c.cycle_id
    where $convention = 'snapshot'
        and c.state in ('open', 'won') and c.current_stage in ($from_stage, $to_stage)
),
member as (
    select
        b.cycle_id, b.person_id, b.is_base, b.is_goal, b.is_imputed, b.is_flagged, b.is_repeat,
        case $period
            when 'week' then cast(date_trunc('week', b.day_on) as date)
            when 'month' then cast(date_trunc('month', b.day_on) as date)
            when 'quarter' then cast(date_trunc('quarter', b.day_on) as date)
        end as period_on,
        split_into($by, c),
        case when not list_contains($by, 'pass') then null when b.is_repeat then 'repeat' else 'first'
        end as pass
    from basis b
    join marts.cycle c on c.cycle_id = b.cycle_id
    where (cast($start_on as date) is null or b.day_on >= cast($start_on as date))
        and (cast($end_on as date) is null or b.day_on < cast($end_on as date))
        and ($period is null or b.day_on is not null)
)
select
    period_on, channel, campaign, content, region, country, industry, company_size, persona, lead_type, pass,
    count(*) filter (where is_base) as n,
    count(distinct person_id) filter (where is_base) as n_persons,
    count(*) filter (where is_base and not is_repeat) as n_first,
    count(*) filter (where is_base and is_repeat) as n_repeat,
    count(*) filter (where is_goal) as n_converted,
    count(*) filter (where is_goal) as n_observed,
    count(*) filter (where is_imputed) as n_imputed,
    count(*) filter (where is_flagged) as n_impossible
from member
group by all
order by
    period_on nulls last, channel nulls last, campaign nulls last, content nulls last, region nulls last,
    country nulls last, industry nulls last, company_size nulls last, persona nulls last,
    lead_type nulls last, pass
""")


def cells(
    con: DuckDBPyConnection,
    asked: convention.Asked,
    *,
    start_on: date | str | None = None,
    end_on: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per period and segment: n (the base), n_converted, and what was kept out of both.

    Period: observed first entries into the stages in the period. Closed cohort: cycles closed in it (the
    close of unknown time only where no period and span is asked) which had been at the first stage.
    Snapshot: cycles whose last stage event is the stage, and which are open (or won). Columns: period_on,
    one per split (null where not asked), n, n_persons, n_first, n_repeat (of the base), n_converted,
    n_observed, n_imputed (at the second stage by implication only, not in n_converted), n_impossible.
    """
    return read(
        con,
        CELLS,
        convention=asked.convention.name,
        from_stage=asked.start.name,
        to_stage=asked.end.name,
        period=asked.period,
        by=list(asked.by),
        start_on=start_on,
        end_on=end_on,
    )
