-- One row per change of an opportunity, as the file opportunity_event has it.
-- key: event_id
-- time: changed_at is a UTC instant; close_on is a day
select
    event_id,
    opportunity_id,
    label,
    amount,
    close_on,
    probability,
    changed_at,
    case when changed_at is null then 'unknown' else coalesce(changed_precision, 'second') end as changed_precision,
    user_id
from canonical.opportunity_event
