-- One row per contact of a person with marketing, as the file touch has it.
-- key: touch_id
-- time: touched_at is a UTC instant
select
    touch_id,
    record_id,
    campaign_id,
    channel,
    content,
    kind,
    touched_at,
    case when touched_at is null then 'unknown' else coalesce(touched_precision, 'second') end as touched_precision
from canonical.touch
