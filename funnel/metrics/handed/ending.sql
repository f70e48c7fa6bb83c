-- One row per hand-off: its outcome and its exit, if any, and until when touches count (an outcome or exit known
-- to the day ends with its day).
with reached as (
    select h.handoff_id, e.is_observed,
        case when not e.is_impossible then e.entered_at end as entered_at, e.entered_precision, e.entered_on,
        e.entered_at + to_seconds(case when e.entered_precision = 'day' then 86399 else 0 end) as end_at
    from handed h
    join marts.stage_entry e on e.cycle_id = h.cycle_id and e.stage = $outcome
),

gone as (
    select h.handoff_id, y.exit, y.exit_reason, y.exit_at, y.exit_precision,
        y.exit_at + to_seconds(case when y.exit_precision = 'day' then 86399 else 0 end) as end_at
    from handed h
    join core.cycle y on y.cycle_id = h.cycle_id
    where y.exit is not null
        and (y.exit_at is null or y.exit_at + to_seconds(case when y.exit_precision = 'day' then 86399 else 0 end) >= h.handed_at)
)

select h.handoff_id, h.version, h.calendar, h.handed_at, r.handoff_id is not null as is_reached, r.is_observed,
    r.entered_at, r.entered_precision, r.entered_on, r.end_at, g.exit, g.exit_reason, g.exit_at,
    least(
        h.handed_at + to_seconds($landmark_seconds),
        case when r.end_at >= h.handed_at
            then case when r.entered_precision = 'day' then r.end_at + to_seconds(1) else r.entered_at end end,
        case when g.exit_precision = 'day' then g.end_at + to_seconds(1) else g.exit_at end
    ) as until_at
from handed h
left join reached r on r.handoff_id = h.handoff_id
left join gone g on g.handoff_id = h.handoff_id
