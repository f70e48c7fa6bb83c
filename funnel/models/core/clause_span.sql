-- One row per record, clause of a stage entry or an exit, and span in which its field held one value: does the clause hold there?
-- key: record_key, clause_id, change
-- time: UTC, half-open [valid_from, valid_to); evidence as in core.attribute; empty where two changes share an instant; holds is null when the value cannot be compared
select
    a.record_key,
    a.person_id,
    t.alternative_id,
    k.clause_id,
    a.change,
    a.valid_from,
    a.valid_to,
    case when a.is_dated then a.evidence else 'assumed' end as evidence,
    case k.op
        when 'in' then l.value is not null
        when 'not_in' then a.value is not null and l.value is null
        when 'at_least' then try_cast(a.value as double) >= k.low
        when 'at_most' then try_cast(a.value as double) <= k.high
        when 'between' then try_cast(a.value as double) between k.low and k.high
        when 'present' then trim(a.value) <> ''
        when 'valid_email' then regexp_matches(lower(trim(a.value)), '^[^@ ]+@[^@ ]+[.][^@ ]+$')
    end as holds
from core.attribute as a
inner join contract.clause as k on a.field = k.field and k.kind = 'field' and k.part in ('entered_when', 'exit')
inner join core.alternative as t
    on k.version = t.version and k.part = t.part and k.name = t.name and k.alternative = t.alternative
    and a.valid_from < t.effective_to and t.effective_from < a.valid_to
left join contract.clause_value as l on k.clause_id = l.clause_id and lower(trim(l.value)) = lower(trim(a.value))
where a.valid_from <= a.valid_to
