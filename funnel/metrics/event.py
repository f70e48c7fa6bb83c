"""What is counted when it happens: leads, entries, hand-offs, deals created and closed, by day or period."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics.frame import read

EVENTS = """
with deal as (
    select
        o.* exclude (amount),
        case when coalesce(o.currency, c.currency) = c.currency then o.amount end as amount,
        case when o.outcome = 'won' then 1 else 0 end as is_won
    from marts.opportunity o
    cross join run.context c
),
event as (
    select 'leads' as family, '' as stage, started_on as day_on, week_on, month_on, quarter_on, 1 as hit,
        null as amount
    from marts.cycle
    where person_id is not null
    union all
    select 'entries', stage, entered_on, week_on, month_on, quarter_on, 1, null
    from marts.stage_entry
    union all
    select 'hand_offs', '', handed_on, week_on, month_on, quarter_on, 1, null
    from marts.handoff
    union all
    select
        'acceptance', '', handed_on, week_on, month_on, quarter_on,
        case when outcome = 'accepted' then 1 when outcome <> 'open' then 0 end, null
    from marts.handoff
    union all
    select 'pipeline', '', created_on, created_week_on, created_month_on, created_quarter_on, 1, amount
    from deal
    union all
    select 'won', '', closed_on, closed_week_on, closed_month_on, closed_quarter_on, 1, amount
    from deal
    where outcome = 'won'
    union all
    select 'win_rate', '', closed_on, closed_week_on, closed_month_on, closed_quarter_on, is_won, null
    from deal
    where outcome in ('won', 'lost')
    union all
    select
        'win_rate_amount', '', closed_on, closed_week_on, closed_month_on, closed_quarter_on, is_won, amount
    from deal
    where outcome in ('won', 'lost')
),
dated as (
    select
        family, stage, hit, amount,
        case $by when 'day' then day_on when 'week' then week_on when 'month' then month_on
            when 'quarter' then quarter_on end as period_on
    from event
)
select
    family, stage, period_on,
    count(*) as n_all,
    count(hit) as n,
    sum(hit) as n_hit,
    count(amount) as n_amounts,
    sum(amount) as amount,
    sum(amount) filter (where hit = 1) as hit_amount,
    sum(amount) filter (where hit = 0) as other_amount,
    sum(cast(amount as decimal(20, 2)) * amount) as squares
from dated
where period_on is not null
group by family, stage, period_on
order by family, stage, period_on
"""


def events(con: DuckDBPyConnection, *, by: str) -> pd.DataFrame:
    """Return one row per family of events, stage and `by` ('day', 'week', 'month', 'quarter').

    Columns: family, stage ('' unless entries), period_on (the day, or the first day of the period), n_all, n
    (decided: hit or not), n_hit, n_amounts, amount, hit_amount, other_amount, squares (sum of squared
    amounts). Amounts in the contract's currency; others are unknown.
    """
    return read(con, EVENTS, by=by)
