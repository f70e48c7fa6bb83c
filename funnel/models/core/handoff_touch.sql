-- One row per hand-off and human touch that answers it: after it, and before the person's next hand-off of the same kind.
-- key: handoff_id, attempt
-- time: touched_at is a UTC instant; a touch known to the day counts from the day of the hand-off on
with answer as (
    select w.handoff_id, a.activity_id, a.happened_at, a.happened_precision
    from core.handoff_window as w
    inner join core.activity as a on w.subject_no = a.person_no and a.is_human_touch
    where
        a.happened_at + case when a.happened_precision = 'day' then 86399
            else 0 end * interval 1 second >= w.handed_at
        and (w.next_handed_at is null or a.happened_at < w.next_handed_at)
)

select
    handoff_id,
    activity_id,
    happened_at as touched_at,
    happened_precision as touched_precision,
    row_number() over (partition by handoff_id order by happened_at, activity_id) as attempt
from answer
