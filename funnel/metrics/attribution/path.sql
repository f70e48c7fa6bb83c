-- One row per path: an opportunity that is asked for, and what ended without one, for the chain alone.
-- key: path_id
-- time: UTC instants and days of the contract's zone; event: what touches must lie before; lead: the first stage of its passage
with deal as (
    select
        o.opportunity_id, o.cycle_id, o.account_id, o.outcome,
        o.created_at, o.created_on, o.created_precision, o.closed_at, o.closed_on, o.closed_precision,
        case when $amount = 'won' then o.closed_at else o.created_at end as event_at,
        case when $amount = 'won' then o.closed_on else o.created_on end as event_on,
        case when $amount = 'won' then o.closed_precision else o.created_precision end as event_precision,
        case when coalesce(o.currency, c.currency) = c.currency then o.amount end as amount
    from marts.opportunity as o
    cross join run.context as c
    where $amount = 'pipeline' or o.outcome in ('won', 'lost')
),

lead as (
    select e.cycle_id, e.entered_at, e.entered_on, e.entered_precision
    from marts.stage_entry as e
    where e.is_observed and e.entered_at is not null and e.position = (select min(position) from contract.stage)
),

ended as (
    select
        d.opportunity_id as path_id, d.opportunity_id, d.account_id,
        $amount = 'pipeline' or d.outcome = 'won' as is_asked,
        d.event_at, d.event_on, d.event_precision, d.created_at, d.created_on, d.created_precision,
        d.closed_at, d.closed_on, d.closed_precision,
        l.entered_at as lead_at, l.entered_on as lead_on, l.entered_precision as lead_precision,
        cast(100 * d.amount as bigint) as cents
    from deal as d
    left join lead as l on d.cycle_id = l.cycle_id
    union all
    select
        y.cycle_id, null, null, false, y.exit_at, y.exit_on, y.exit_precision,
        null, null, null, null, null, null, null, null, null, null
    from marts.cycle as y
    where $amount = 'pipeline' and y.opportunity_id is null and y.person_id is not null and y.exit_at is not null
)

select *
from ended
where coalesce(event_on >= cast($start_on as date), $start_on is null)
    and coalesce(event_on < cast($end_on as date), $end_on is null)
