-- One row per change of one attribute of a person, as the file attribute_event has it.
-- key: event_id
-- time: changed_at is a UTC instant
select
    event_id,
    record_id,
    field,
    old_value,
    new_value,
    changed_at,
    case when changed_at is null then 'unknown' else coalesce(changed_precision, 'second') end as changed_precision,
    user_id,
    coalesce(evidence, 'history') as evidence
from canonical.attribute_event
