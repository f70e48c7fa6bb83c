-- One row per hand-off: the first observed entry of a cycle into a stage by which the contract hands a lead to another team.
-- key: handoff_id
-- time: handed_at is a UTC instant, null when unknown; version is the contract in force at that instant, calendar that of the lead's region then, as far as recorded
with handing as (
    select version, stage, position, from_team, hands_to as to_team from contract.stage where hands_to is not null
)

select
    e.cycle_id || ' ' || e.stage as handoff_id,
    e.cycle_id,
    e.person_id,
    e.subject_id,
    e.record_key,
    e.pass,
    e.stage,
    e.position,
    h.from_team,
    h.to_team,
    e.entered_at as handed_at,
    e.entered_precision as handed_precision,
    e.evidence,
    v.version,
    coalesce(a.calendar, 'default') as calendar,
    e.cycle_no,
    e.record_no,
    e.subject_no
from core.stage_entry as e
cross join run.context as c
inner join contract.version as v on v.effective_from <= coalesce(e.entered_at, c.as_of)
    and coalesce(e.entered_at, c.as_of) < v.effective_to
inner join handing as h on v.version = h.version and e.stage = h.stage
left join core.person as p on e.subject_no = p.person_no
left join core.attribute as g on e.record_no = g.record_no and g.field = 'region' and g.evidence <> 'assumed'
    and g.valid_from <= e.entered_at and e.entered_at < g.valid_to
left join contract.calendar as a on v.version = a.version and lower(coalesce(g.value, p.region)) = lower(a.calendar)
where e.is_observed
