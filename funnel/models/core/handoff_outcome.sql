-- One row per hand-off: accepted when the cycle went on to a later stage, else the way it left, else open.
-- key: handoff_id
-- time: outcome_at is a UTC instant, null while open or when unknown
with onward as (
    select h.handoff_id, e.entered_at, e.entered_precision,
        row_number() over (partition by h.handoff_id order by e.position) as place
    from core.handoff as h
    inner join core.stage_entry as e on h.cycle_id = e.cycle_id and e.position > h.position
)

select
    h.handoff_id,
    case when o.handoff_id is not null then 'accepted' when c.exit is not null then c.exit else 'open' end as outcome,
    case when o.handoff_id is not null then o.entered_at else c.exit_at end as outcome_at,
    case when o.handoff_id is not null then o.entered_precision else c.exit_precision end as outcome_precision,
    case when o.handoff_id is null then c.exit_reason end as outcome_reason
from core.handoff as h
inner join core.cycle as c on h.cycle_id = c.cycle_id
left join onward as o on h.handoff_id = o.handoff_id and o.place = 1
