-- One row per change of an opportunity, as OpportunityHistory has it: of its stage, its amount, its chance or its expected close.
-- key: event_id
-- time: changed_at is a UTC instant; amount, close_on and probability (0-1) as of that change; changes within one second are in order of their ids
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
from salesforce.opportunity_history
where not coalesce(is_deleted, false)
