-- One row per cycle: one passage of a subject through the funnel.
-- key: cycle_id
-- time: UTC instants, null when unknown; exit null while open; the last exit of a passage counts, and won before all
with entered as (
    select
        cycle_id,
        min(entered_at) as started_at,
        arg_min(entered_precision, place) as started_precision,
        max(position) as furthest_position,
        arg_max(stage, place) as current_stage,
        arg_min(record_key, place) filter (where record_key is not null) as record_key,
        max(case when is_impossible then 1 else 0 end) = 1 as has_impossible_order
    from core.stage_event
    group by cycle_id
),

last_position as (
    select max(position) as position from contract.stage
),

won as (
    select e.cycle_id, 'won' as exit, min(e.entered_at) as exit_at,
        arg_min(e.entered_precision, e.place) as exit_precision, cast(null as varchar) as exit_reason
    from core.stage_event as e
    inner join last_position as l on e.position = l.position
    group by e.cycle_id
),

left_last as (
    select
        e.cycle_id, e.exit, e.exited_at as exit_at, e.exited_precision as exit_precision, e.reason as exit_reason,
        row_number() over (partition by e.cycle_id order by e.place desc) as from_last
    from core.exit_event as e
),

subject as (
    select
        cycle_id, subject_id, max(person_id) as person_id, max(pass) as pass,
        arg_max(opportunity_id, place) filter (where opportunity_id is not null) as opportunity_id,
        arg_min(record_key, place) filter (where record_key is not null) as record_key,
        arg_max(place, place) as last_place
    from core.placed_passage
    group by cycle_id, subject_id
)

select
    s.cycle_id, s.subject_id, s.person_id, s.opportunity_id, s.pass,
    coalesce(e.record_key, s.record_key) as record_key,
    e.started_at, e.started_precision, g.stage as furthest_stage, e.furthest_position, e.current_stage,
    case when w.cycle_id is not null then w.exit else l.exit end as exit,
    case when w.cycle_id is not null then w.exit_at else l.exit_at end as exit_at,
    case when w.cycle_id is not null then w.exit_precision else l.exit_precision end as exit_precision,
    case when w.cycle_id is not null then w.exit_reason else l.exit_reason end as exit_reason,
    coalesce(e.has_impossible_order, false) as has_impossible_order
from subject as s
left join entered as e on s.cycle_id = e.cycle_id
left join (select position,
    min(stage) as stage from contract.stage group by position) as g on e.furthest_position = g.position
left join won as w on s.cycle_id = w.cycle_id
left join left_last as l on s.cycle_id = l.cycle_id and l.from_last = 1
