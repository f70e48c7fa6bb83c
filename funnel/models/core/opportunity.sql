-- One row per opportunity created before as_of, as it stood at as_of.
-- key: opportunity_id
-- time: UTC instants; closed_at null while open, to the second where the stage history has the closing day; amount in currency, null when the source has none
with last_event as (
    select opportunity_id, arg_max(label, place) as stage,
        max(case when coalesce(changed_precision, 'second') = 'second' then changed_at end) as changed_at,
        count(distinct label) as n_labels
    from core.opportunity_event
    group by opportunity_id
),

last_amount as (
    select opportunity_id, arg_max(amount, place) as amount
    from core.opportunity_change
    where amount is not null
    group by opportunity_id
),

person as (
    select opportunity_id, count(*) as n_people, max(case when is_primary then person_id end) as person_id
    from core.opportunity_person
    group by opportunity_id
),

known as (
    select
        o.*,
        o.source || ':' || o.opportunity_id as opportunity_key,
        coalesce(o.is_closed, false) and (o.closed_at is null or o.closed_at < c.as_of) as was_closed
    from staging.opportunity as o
    cross join run.context as c
    where (o.created_at is null or o.created_at < c.as_of) and not coalesce(o.is_deleted, false)
),

dated as (
    select k.*, e.stage as last_label, e.n_labels,
        k.closed_precision = 'day' and e.changed_at >= k.closed_at
            and e.changed_at < k.closed_at + interval 1 day as has_second
    from known as k
    left join last_event as e on k.opportunity_key = e.opportunity_id
)

select
    d.opportunity_key as opportunity_id,
    p.person_id,
    d.source || ':' || d.account_id as account_id,
    d.source || ':' || d.campaign_id as campaign_id,
    d.channel,
    d.name,
    case when d.was_closed or d.last_label is null then d.stage else d.last_label end as stage,
    cast(case when d.was_closed or a.amount is null then d.amount else a.amount end as decimal(18, 2)) as amount,
    d.currency,
    d.created_at,
    d.created_precision,
    case when d.was_closed and d.has_second then e.changed_at when d.was_closed then d.closed_at end as closed_at,
    case when d.was_closed and d.has_second then 'second'
        when d.was_closed then d.closed_precision end as closed_precision,
    case when not d.was_closed then 'open' when d.is_won then 'won' else 'lost' end as outcome,
    case when d.was_closed and not d.is_won then d.loss_reason end as loss_reason,
    d.source || ':' || d.owner_id as owner_id,
    d.was_closed
        and (coalesce(d.n_labels, 2) = 1 or coalesce(d.closed_at = d.created_at, false)) as is_created_closed,
    coalesce(p.n_people, 0) as n_people
from dated as d
left join person as p on d.opportunity_key = p.opportunity_id
left join last_event as e on d.opportunity_key = e.opportunity_id
left join last_amount as a on d.opportunity_key = a.opportunity_id
