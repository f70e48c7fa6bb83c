-- One row per hand-off: between which moments something can belong to it.
-- key: handoff_id
-- time: UTC instants; left_at: the cycle before ended; next_handed_at: the next hand-off of the same person (of the same opportunity, where none is known) and stage; exit_end_at: the last instant of its own cycle's exit; null where there is none or the time is unknown
with left_before as (
    select cycle_no, lag(exit_at) over (partition by subject_no order by pass) as left_at,
        exit_at + case when exit_precision = 'day' then 86399 else 0 end * interval 1 second as exit_end_at
    from core.cycle
)

select h.handoff_id, h.record_key, h.person_id, h.cycle_id, h.stage, h.from_team, h.handed_at, h.handed_precision,
    l.left_at, l.exit_end_at, h.cycle_no, h.record_no, h.subject_no,
    lead(h.handed_at) over (partition by h.subject_no, h.stage order by h.handed_at, h.cycle_no) as next_handed_at
from core.handoff as h
inner join left_before as l on h.cycle_no = l.cycle_no
where h.handed_at is not null
