-- One row per side of the comparison and cell: cases, hits or amounts, and sums of squares, of one family of events.
with given as (
    select c.currency, v.side, v.start_on, v.end_on
    from run.context c
    cross join (
        select 'before' as side, cast($before_on as date) as start_on, cast($before_end_on as date) as end_on
        union all
        select 'now', cast($start_on as date), cast($end_on as date)
    ) v
),

event as (
    select started_on as day_on, 1 as hit, null as amount, null as currency, split_into($by, c)
    from marts.cycle c
    where $family = 'leads' and c.person_id is not null
    union all
    select e.entered_on, 1, null, null, split_into($by, c)
    from marts.stage_entry e
    join marts.cycle c on c.cycle_id = e.cycle_id
    where $family = 'entries' and e.stage = $stage
    union all
    select h.handed_on, 1, null, null, split_into($by, h)
    from marts.handoff h
    where $family = 'hand_offs'
    union all
    select h.handed_on, case when h.outcome = 'accepted' then 1 else 0 end, null, null, split_into($by, h)
    from marts.handoff h
    where $family = 'acceptance_rate' and h.outcome <> 'open'
    union all
    select o.closed_on, case when o.outcome = 'won' then 1 else 0 end, null, null, split_into($by, o)
    from marts.opportunity o
    where $family = 'win_rate' and o.outcome in ('won', 'lost')
    union all
    select o.created_on, 1, o.amount, o.currency, split_into($by, o)
    from marts.opportunity o
    where $family = 'pipeline_amount'
    union all
    select o.closed_on, 1, o.amount, o.currency, split_into($by, o)
    from marts.opportunity o
    where $family = 'won_amount' and o.outcome = 'won'
),

valued as (
    select e.* exclude (amount, currency), g.side,
        case
            when $family not in ('pipeline_amount', 'won_amount') then e.hit
            when coalesce(e.currency, g.currency) = g.currency then e.amount
        end as size
    from event e
    join given g on e.day_on >= g.start_on and e.day_on < g.end_on
)

select
    side, channel, campaign, content, region, country, industry, company_size, persona, lead_type,
    count(size) as n,
    coalesce(sum(size), 0) as x,
    coalesce(sum(cast(size as decimal(20, 2)) * size), 0) as xx,
    count(*) - count(size) as n_unknown
from valued
group by all
order by all
