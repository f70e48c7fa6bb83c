-- One row per opportunity and stage that it is known to have entered; of Prospecting only those that are still in it.
-- key: event_id
-- time: changed_at is the midnight in New York that begins the day; null for Prospecting; amount only of a won deal, in USD
with entered as (
    select opportunity_id, 'Prospecting' as label, null as amount, null as changed_at
    from maven.opportunity
    where deal_stage = 'Prospecting'
    union all
    select opportunity_id, 'Engaging' as label, null as amount, engage_date as changed_at
    from maven.opportunity
    where engage_date is not null
    union all
    select opportunity_id, deal_stage as label, case when deal_stage = 'Won' then close_value end as amount, close_date as changed_at
    from maven.opportunity
    where deal_stage in ('Won', 'Lost')
)

select
    opportunity_id || ' ' || label as event_id,
    opportunity_id,
    label,
    amount,
    changed_at,
    case when changed_at is null then 'unknown' else 'day' end as changed_precision
from entered
