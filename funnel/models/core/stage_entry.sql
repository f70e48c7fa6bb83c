-- One row per cycle and stage that it reached: its first entry, observed, or imputed where a later stage proves that it was passed.
-- key: cycle_id, stage
-- time: entered_at is a UTC instant, null when unknown; an imputed entry carries the time of the first entry into a later stage, so that what comes after does not move it; null where the nearest observed stage has none
with first_visit as (
    select cycle_no, stage, coalesce(min(case when entered_at is not null then place end), min(place)) as place
    from core.stage_event
    group by cycle_no, stage
),

seen as (
    select e.cycle_no, e.place, e.stage, e.position, e.entered_at, e.entered_precision, e.evidence, e.record_no,
        e.is_impossible
    from core.stage_event as e
    inner join first_visit as f on e.cycle_no = f.cycle_no and e.place = f.place
),

passed as (
    select c.cycle_no, l.stage, l.position
    from core.cycle as c
    inner join (select distinct stage, position from contract.stage) as l on l.position <= c.furthest_position
),

missed as (
    select p.cycle_no, p.stage, p.position
    from passed as p
    left join first_visit as f on p.cycle_no = f.cycle_no and p.stage = f.stage
    where f.cycle_no is null
),

proof as (
    select m.cycle_no, m.stage, m.position, min(s.position) as next_position,
        min(case when s.entered_at is not null then s.place end) as proof_place
    from missed as m
    inner join seen as s on m.cycle_no = s.cycle_no and m.position <= s.position
    group by m.cycle_no, m.stage, m.position
),

entry as (
    select cycle_no, stage, position, entered_at, entered_precision, true as is_observed, evidence, record_no,
        is_impossible
    from seen
    union all
    select p.cycle_no, p.stage, p.position, case when n.entered_at is not null then f.entered_at end as entered_at,
        case when n.entered_at is not null then f.entered_precision else 'unknown' end as entered_precision,
        false as is_observed, 'imputed' as evidence, null as record_no, false as is_impossible
    from proof as p
    left join seen as n on p.cycle_no = n.cycle_no and p.next_position = n.position
    left join seen as f on p.cycle_no = f.cycle_no and p.proof_place = f.place
)

select c.cycle_id, c.subject_id, c.person_id, c.pass, r.record_key, e.stage, e.position, e.entered_at,
    e.entered_precision, e.is_observed, e.evidence, e.is_impossible, e.cycle_no, e.record_no,
    c.subject_no
from entry as e
inner join core.cycle as c on e.cycle_no = c.cycle_no
left join core.record as r on e.record_no = r.record_no
