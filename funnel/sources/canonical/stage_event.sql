-- One row per entry of a record into a stage that the source stamps by name, as the file stage_event has it.
-- key: event_id
-- time: entered_at is a UTC instant
select
    event_id,
    record_id,
    opportunity_id,
    label,
    entered_at,
    case when entered_at is null then 'unknown' else coalesce(entered_precision, 'second') end as entered_precision,
    user_id
from canonical.stage_event
