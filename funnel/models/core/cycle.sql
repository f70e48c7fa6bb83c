-- One row per cycle: one passage of a subject through the funnel.
-- key: cycle_id
-- time: UTC instants, null when unknown; exit null while open; the last exit of a passage counts, and won before all
with entered as (
    select
        cycle_no,
        min(entered_at) as started_at,
        arg_min(entered_precision, place) as started_precision,
        max(position) as furthest_position,
        arg_max(stage, place) as current_stage,
        arg_min(record_no, place) filter (where record_no is not null) as record_no,
        max(case when is_impossible then 1 else 0 end) = 1 as has_impossible_order
    from core.stage_event
    group by cycle_no
),

won as (
    select e.cycle_no, 'won' as exit, min(e.entered_at) as exit_at,
        arg_min(e.entered_precision, e.place) as exit_precision, cast(null as varchar) as exit_reason
    from core.stage_event as e
    inner join (select max(position) as position from contract.stage) as l on e.position = l.position
    group by e.cycle_no
),

left_last as (
    select e.cycle_no, e.exit, e.exited_at as exit_at, e.exited_precision as exit_precision, e.reason as exit_reason
    from core.exit_event as e
    inner join (select cycle_no, max(place) as place from core.exit_event group by cycle_no) as l
        on e.cycle_no = l.cycle_no and e.place = l.place
),

subject as (
    select
        cycle_no, max(subject_no) as subject_no, max(person_no) as person_no, max(pass) as pass,
        arg_max(opportunity_id, place) filter (where opportunity_id is not null) as opportunity_id,
        arg_min(record_no, place) filter (where record_no is not null) as record_no
    from core.passage
    group by cycle_no
)

select
    coalesce(p.record_key, s.opportunity_id) || '#' || cast(s.pass as varchar) as cycle_id,
    coalesce(p.record_key, s.opportunity_id) as subject_id,
    p.record_key as person_id, s.opportunity_id, s.pass, r.record_key,
    e.started_at, e.started_precision, g.stage as furthest_stage, e.furthest_position, e.current_stage,
    case when w.cycle_no is not null then w.exit else l.exit end as exit,
    case when w.cycle_no is not null then w.exit_at else l.exit_at end as exit_at,
    case when w.cycle_no is not null then w.exit_precision else l.exit_precision end as exit_precision,
    case when w.cycle_no is not null then w.exit_reason else l.exit_reason end as exit_reason,
    coalesce(e.has_impossible_order, false) as has_impossible_order,
    s.cycle_no, s.subject_no
from subject as s
left join entered as e on s.cycle_no = e.cycle_no
left join core.record as r on coalesce(e.record_no, s.record_no) = r.record_no
left join core.record as p on s.person_no = p.record_no
left join (select position, min(stage) as stage from contract.stage group by position) as g on e.furthest_position = g.position
left join won as w on s.cycle_no = w.cycle_no
left join left_last as l on s.cycle_no = l.cycle_no
