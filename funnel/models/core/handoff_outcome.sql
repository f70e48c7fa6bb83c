-- One row per hand-off: accepted when the cycle went on to a later stage, else the way it left, else open; what came before the hand-off is no outcome of it, but a stage in an impossible order is one at an unknown time.
-- key: handoff_id
-- time: outcome_at is a UTC instant, null while open or when unknown; a day before the hand-off's day is before it
with onward as (
    select h.handoff_id,
        case when not e.is_impossible then e.entered_at end as entered_at,
        case when not e.is_impossible then e.entered_precision else 'unknown' end as entered_precision,
        row_number() over (partition by h.handoff_id
            order by case when e.entered_at is null or e.is_impossible then 1 else 0 end, e.entered_at, e.position,
                e.event_id) as place
    from core.handoff as h
    inner join core.stage_event as e on h.cycle_no = e.cycle_no and e.position > h.position
    where h.handed_at is null or e.entered_at is null or e.is_impossible
        or e.entered_at + case when e.entered_precision = 'day' then 86399
            else 0 end * interval 1 second >= h.handed_at
),

gone as (
    select h.handoff_id, c.exit, c.exit_at, c.exit_precision, c.exit_reason
    from core.handoff as h
    inner join core.cycle as c on h.cycle_no = c.cycle_no
    where c.exit is not null and (h.handed_at is null or c.exit_at is null
        or c.exit_at + case when c.exit_precision = 'day' then 86399 else 0 end * interval 1 second >= h.handed_at)
)

select
    h.handoff_id,
    case when o.handoff_id is not null then 'accepted' else coalesce(g.exit, 'open') end as outcome,
    case when o.handoff_id is not null then o.entered_at else g.exit_at end as outcome_at,
    case when o.handoff_id is not null then o.entered_precision else g.exit_precision end as outcome_precision,
    case when o.handoff_id is null then g.exit_reason end as outcome_reason
from core.handoff as h
left join onward as o on h.handoff_id = o.handoff_id and o.place = 1
left join gone as g on h.handoff_id = g.handoff_id
