-- One row per hand-off of known time and clause of the definition in force: the value as of the hand-off, and whether it passed.
-- key: handoff_id, clause_id
-- time: the value is the one that held at handed_at; evidence unknown and passed null when neither history nor a load reaches back to it, and known_from the first instant that they do
with judged as (
    select h.handoff_id, k.clause_id, k.field, k.op,
        case when a.evidence <> 'assumed' then a.value end as value,
        case when a.evidence <> 'assumed' then a.evidence else 'unknown' end as evidence,
        case when a.evidence = 'assumed' then a.valid_to end as known_from
    from core.handoff as h
    inner join contract.clause as k on h.version = k.version and h.stage = k.name and k.part = 'must_meet'
        and k.kind = 'field'
    left join core.attribute as a
        on h.record_no = a.record_no and k.field = a.field
        and a.valid_from <= h.handed_at and h.handed_at < a.valid_to
    where h.handed_at is not null
)

select j.handoff_id, j.clause_id, j.field, j.value, j.evidence, j.known_from,
    case when j.evidence = 'unknown' then null
        when j.op in ('present', 'valid_email') and j.value is null then false
        else v.holds end as passed
from judged as j
left join core.clause_value as v on j.clause_id = v.clause_id and j.value = v.value
