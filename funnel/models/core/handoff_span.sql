-- One row per hand-off and holder in turn: who had the lead from the hand-off to its outcome; the spans join without gap.
-- key: handoff_id, number
-- time: UTC instants, half-open [from_at, to_at); owner_id null while nobody was assigned; is_exact: both ends are known to the second
with ended as (
    select w.handoff_id, w.record_no, w.from_team, w.handed_at, w.handed_precision,
        case when o.outcome_at < w.handed_at then w.handed_at
            else least(coalesce(o.outcome_at, c.as_of), coalesce(w.next_handed_at, c.as_of)) end as ended_at,
        case when o.outcome_at is null then 'second' else o.outcome_precision end as ended_precision
    from core.handoff_window as w
    cross join run.context as c
    inner join core.handoff_outcome as o on w.handoff_id = o.handoff_id
),

mark as (
    select e.handoff_id, a.owner_id, greatest(a.assigned_at, e.handed_at) as from_at,
        case when a.assigned_at > e.handed_at then a.assigned_precision else e.handed_precision end as from_precision,
        row_number() over (partition by e.handoff_id, greatest(a.assigned_at, e.handed_at)
            order by a.assigned_at desc, a.owner_id desc) as place
    from ended as e
    inner join core.assignment as a
        on e.record_no = a.record_no and (a.assigned_at <= e.handed_at or a.assigned_at < e.ended_at)
),

begun as (
    select handoff_id, owner_id, from_at, from_precision from mark where place = 1
    union all
    select e.handoff_id, null, e.handed_at, e.handed_precision
    from ended as e
    left join mark as m on e.handoff_id = m.handoff_id and e.handed_at = m.from_at
    where m.handoff_id is null
),

changed as (
    select b.*, lag(coalesce(b.owner_id, '')) over (partition by b.handoff_id order by b.from_at) as owner_before
    from begun as b
),

turn as (
    select h.handoff_id, h.owner_id, h.from_at, h.from_precision,
        lead(h.from_at) over (partition by h.handoff_id order by h.from_at) as next_at,
        lead(h.from_precision) over (partition by h.handoff_id order by h.from_at) as next_precision,
        row_number() over (partition by h.handoff_id order by h.from_at) as number
    from changed as h
    where h.owner_before is null or h.owner_before <> coalesce(h.owner_id, '')
)

select t.handoff_id, t.number, t.owner_id,
    case when t.owner_id is null then 'nobody' when r.is_queue then 'queue'
        when lower(r.team) = lower(e.from_team) then 'giver' else 'receiver' end as holder,
    t.from_at, coalesce(t.next_at, e.ended_at) as to_at, t.next_at is null as is_last,
    t.from_precision = 'second' and coalesce(t.next_precision, e.ended_precision) = 'second' as is_exact
from turn as t
inner join ended as e on t.handoff_id = e.handoff_id
left join core.rep as r on t.owner_id = r.rep_id
