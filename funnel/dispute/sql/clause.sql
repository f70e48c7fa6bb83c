-- One row per hand-off of the batch and clause of the definition in force: its value as of the hand-off. Where
-- the source keeps no history of the field at all, the recorded value stands in, and the evidence says so.
with judged as (
    select d.handoff_id, c.clause_id, k.words as clause, k.field, k.op, k.low, k.high, c.known_from,
        c.evidence = 'unknown' and t.field is null and v.field is not null as is_recorded, c.passed,
        case when c.evidence = 'unknown' and t.field is null then v.value else c.value end as value,
        c.evidence
    from disputed d
    join marts.handoff_clause c on c.handoff_id = d.handoff_id
    join contract.clause k on k.clause_id = c.clause_id
    left join core.tracked_field t on t.source = d.source and t.field = c.field
    left join core.attribute v on c.evidence = 'unknown' and v.record_key = d.record_key and v.field = c.field
        and v.valid_from <= d.handed_at and d.handed_at < v.valid_to
)

select
    j.handoff_id, j.clause_id, j.clause, j.field, j.value,
    case
        when not j.is_recorded then j.passed
        when j.op in ('present', 'valid_email') and j.value is null then false
        when j.value is null then null
        when j.op = 'in' then l.value is not null
        when j.op = 'not_in' then l.value is null
        when j.op = 'at_least' then try_cast(j.value as double) >= j.low
        when j.op = 'at_most' then try_cast(j.value as double) <= j.high
        when j.op = 'between' then try_cast(j.value as double) between j.low and j.high
        when j.op = 'present' then trim(j.value) <> ''
        when j.op = 'valid_email' then regexp_matches(lower(trim(j.value)), '^[^@ ]+@[^@ ]+[.][^@ ]+$')
    end as passed,
    case when j.is_recorded then 'as recorded' when j.evidence = 'history' then 'field history'
        else j.evidence end as evidence,
    case when j.known_from < timestamp '9999-01-01' then j.known_from end as known_from
from judged j
left join contract.clause_value l on l.clause_id = j.clause_id and lower(trim(l.value)) = lower(trim(j.value))
order by j.handoff_id, j.clause_id
