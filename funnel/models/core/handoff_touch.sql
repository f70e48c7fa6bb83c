-- One row per hand-off and human touch that answers it: after it, and before the person's next hand-off of the same kind.
-- key: handoff_id, attempt
-- time: touched_at is a UTC instant; a touch known to the day counts from the day of the hand-off on
with span as (
    select h.*,
        lead(h.handed_at) over (partition by h.person_id, h.stage order by h.handed_at, h.handoff_id) as until_at
    from core.handoff as h
    where h.handed_at is not null
),

answer as (
    select s.handoff_id, a.activity_id, a.happened_at, a.happened_precision
    from span as s
    inner join core.activity as a on s.person_id = a.person_id and a.is_human_touch
    where
        a.happened_at + case when a.happened_precision = 'day' then 86399
            else 0 end * interval 1 second >= s.handed_at
        and (s.until_at is null or a.happened_at < s.until_at)
)

select
    handoff_id,
    activity_id,
    happened_at as touched_at,
    happened_precision as touched_precision,
    row_number() over (partition by handoff_id order by happened_at, activity_id) as attempt
from answer
