-- One row per hand-off: between which moments something can belong to it.
-- key: handoff_id
-- time: UTC instants; left_at: the person's cycle before ended; next_handed_at: the person's next hand-off of the same stage; exit_end_at: the last instant of its own cycle's exit; null where there is none or the time is unknown
with left_before as (
    select cycle_id, lag(exit_at) over (partition by subject_id order by pass) as left_at,
        exit_at + case when exit_precision = 'day' then 86399 else 0 end * interval 1 second as exit_end_at
    from core.cycle
)

select h.handoff_id, h.record_key, h.person_id, h.cycle_id, h.stage, h.from_team, h.handed_at, h.handed_precision,
    l.left_at, l.exit_end_at,
    lead(h.handed_at) over (partition by h.person_id, h.stage order by h.handed_at, h.handoff_id) as next_handed_at
from core.handoff as h
inner join left_before as l on h.cycle_id = l.cycle_id
where h.handed_at is not null
