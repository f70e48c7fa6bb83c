-- One row per record, clause of a stage entry or an exit, and span in which its field held one value: does the clause hold there?
-- key: record_no, alternative_id, clause, change
-- time: UTC, half-open [valid_from, valid_to); evidence as in core.attribute; empty where two changes share an instant; holds is null when the value cannot be compared; of a simple alternative only the spans begun under its version in which it holds
with value as (
    select distinct a.field, a.value
    from core.attribute as a
    inner join contract.clause as k on a.field = k.field
    where k.kind = 'field' and k.part in ('entered_when', 'exit')
),

judged as (
    select v.field, v.value, t.alternative_id, k.clause, t.is_simple, t.effective_from, t.effective_to, h.holds
    from value as v
    inner join contract.clause as k
        on v.field = k.field and k.kind = 'field' and k.part in ('entered_when', 'exit')
    inner join core.alternative as t
        on k.version = t.version and k.part = t.part and k.name = t.name and k.alternative = t.alternative
    left join core.clause_value as h on k.clause_id = h.clause_id and v.value = h.value
),

needed as (
    select * from judged where holds or not is_simple
)

select a.record_no, j.alternative_id, j.clause, a.change, a.valid_from, a.valid_to,
    case when a.is_dated then a.evidence else 'assumed' end as evidence, j.holds
from core.attribute as a
inner join needed as j
    on a.field = j.field and a.value is not distinct from j.value
    and a.valid_from < j.effective_to and j.effective_from < a.valid_to
where a.valid_from <= a.valid_to and (not j.is_simple or j.effective_from <= a.valid_from)
