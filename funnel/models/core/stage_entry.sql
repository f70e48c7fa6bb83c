-- One row per cycle and stage that it reached: its first entry, observed, or imputed where a later stage proves that it was passed.
-- key: cycle_id, stage
-- time: entered_at is a UTC instant, null when unknown; an imputed entry carries the time of the first entry into a later stage, so that what comes after does not move it; null where the nearest observed stage has none
with first_seen as (
    select e.*,
        row_number()
            over (partition by e.cycle_id, e.stage order by case when e.entered_at is null then 1 else 0 end,
                e.place) as visit
    from core.stage_event as e
),

seen as (
    select * from first_seen where visit = 1
),

ladder as (
    select distinct stage, position from contract.stage
),

passed as (
    select c.cycle_id, c.subject_id, c.person_id, c.pass, l.stage, l.position
    from core.cycle as c
    inner join ladder as l on l.position <= c.furthest_position
),

joined as (
    select p.*, s.entered_at, s.entered_precision, s.evidence, s.record_key, s.is_impossible,
        s.event_id is not null as is_observed,
        min(case when s.event_id is not null then s.position end)
            over (partition by p.cycle_id order by p.position rows between current row
                and unbounded following) as next_position,
        min(case when s.entered_at is not null then s.place end)
            over (partition by p.cycle_id order by p.position rows between current row
                and unbounded following) as proof_place
    from passed as p
    left join seen as s on p.cycle_id = s.cycle_id and p.stage = s.stage
)

select
    j.cycle_id, j.subject_id, j.person_id, j.pass, j.record_key, j.stage, j.position,
    case when j.is_observed then j.entered_at when n.entered_at is not null then f.entered_at end as entered_at,
    case when j.is_observed then j.entered_precision
        when n.entered_at is not null then f.entered_precision else 'unknown' end as entered_precision,
    j.is_observed,
    case when j.is_observed then j.evidence else 'imputed' end as evidence,
    coalesce(j.is_impossible, false) as is_impossible
from joined as j
left join seen as n on j.cycle_id = n.cycle_id and j.next_position = n.position
left join seen as f on j.cycle_id = f.cycle_id and j.proof_place = f.place
