-- One row per hand-off that a rep of the receiving side came to own: the first who was neither a queue nor of the giving team.
-- key: handoff_id
-- time: assigned_at is a UTC instant, not before the hand-off; who owned the lead in an earlier cycle counts only where nobody was assigned anew
with span as (
    select a.record_no, a.owner_id, a.assigned_at, a.assigned_precision,
        lead(a.assigned_at) over (partition by a.record_no order by a.assigned_at, a.owner_id) as until_at
    from core.assignment as a
),

candidate as (
    select w.handoff_id, s.owner_id, greatest(s.assigned_at, w.handed_at) as assigned_at,
        case when s.assigned_at >= w.handed_at then s.assigned_precision
            else w.handed_precision end as assigned_precision,
        row_number() over (partition by w.handoff_id order by case when s.assigned_at <= w.left_at then 1 else 0 end,
            s.assigned_at, s.owner_id) as place
    from core.handoff_window as w
    inner join span as s on w.record_no = s.record_no and (s.until_at is null or s.until_at > w.handed_at)
        and (w.next_handed_at is null or s.assigned_at < w.next_handed_at)
        and (w.exit_end_at is null or s.assigned_at <= greatest(w.exit_end_at, w.handed_at))
    left join core.rep as r on s.owner_id = r.rep_id
    where not coalesce(r.is_queue, false) and coalesce(lower(r.team) <> lower(w.from_team), true)
)

select handoff_id, owner_id, assigned_at, assigned_precision
from candidate
where place = 1
