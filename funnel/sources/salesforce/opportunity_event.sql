-- One row per stage that an opportunity came to: OpportunityHistory also has rows for changes of amount, chance or date, which are left out.
-- key: event_id
-- time: changed_at is a UTC instant; amount, close_on and probability (0-1) as of that change; changes within one second are in order of their ids
with stepped as (
    select h.*, lag(h.stage_name) over (partition by h.opportunity_id order by h.created_date, h.id) as stage_before
    from salesforce.opportunity_history as h
    where not coalesce(h.is_deleted, false)
)

select
    id as event_id,
    opportunity_id,
    stage_name as label,
    amount,
    close_date as close_on,
    probability / 100 as probability,
    created_date as changed_at,
    'second' as changed_precision,
    created_by_id as user_id
from stepped
where stage_before is null or stage_name <> stage_before
