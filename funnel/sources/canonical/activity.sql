-- One row per call, mail, meeting or other activity of a rep, as the file activity has it.
-- key: activity_id
-- time: done_at and created_at are UTC instants; due_on is a day
select
    activity_id,
    record_id,
    account_id,
    opportunity_id,
    rep_id,
    kind,
    direction,
    outcome,
    is_automated,
    is_done,
    due_on,
    done_at,
    case when done_at is null then 'unknown' else coalesce(done_precision, 'second') end as done_precision,
    created_at
from canonical.activity
