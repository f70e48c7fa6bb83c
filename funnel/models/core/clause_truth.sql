-- One row per record, alternative of a stage entry or exit, and moment at which one of its fields changed: do all its clauses hold then?
-- key: record_key, version, part, name, alternative, judged_at
-- time: judged_at is a UTC instant, judged by the contract in force at it; is_assumed: nothing recorded tells that moment
with moment as (
    select
        a.record_key, a.person_id, v.version, k.part, k.name, k.alternative, a.valid_from as judged_at,
        min(case when a.evidence = 'assumed' then 1 else 0 end) = 1 as is_assumed,
        min(case when a.evidence = 'load' then 1 else 0 end) = 1 as is_from_load
    from core.attribute as a
    inner join contract.version as v on v.effective_from <= a.valid_from and a.valid_from < v.effective_to
    inner join contract.clause as k on k.version = v.version and k.kind = 'field' and k.field = a.field
    where k.part in ('entered_when', 'exit') and a.valid_from < a.valid_to
    group by a.record_key, a.person_id, v.version, k.part, k.name, k.alternative, a.valid_from
),

judged as (
    select m.record_key, m.person_id, m.version, m.part, m.name, m.alternative, m.judged_at, k.clause_id, k.n_clauses,
        m.is_assumed, m.is_from_load,
        case k.op
            when 'in' then coalesce(l.value is not null, false)
            when 'not_in' then a.value is not null and l.value is null
            when 'at_least' then try_cast(a.value as double) >= k.low
            when 'at_most' then try_cast(a.value as double) <= k.high
            when 'between' then try_cast(a.value as double) between k.low and k.high
            when 'present' then trim(a.value) <> ''
            when 'valid_email' then regexp_matches(lower(trim(a.value)), '^[^@ ]+@[^@ ]+[.][^@ ]+$')
        end as holds
    from moment as m
    inner join contract.clause as k
        on m.version = k.version and m.part = k.part and m.name = k.name and m.alternative = k.alternative and k.kind = 'field'
    inner join core.attribute as a
        on m.record_key = a.record_key and k.field = a.field and a.valid_from <= m.judged_at and m.judged_at < a.valid_to
    left join contract.clause_value as l on k.clause_id = l.clause_id and lower(trim(l.value)) = lower(trim(a.value))
)

select
    record_key,
    person_id,
    version,
    part,
    name,
    alternative,
    judged_at,
    count(case when holds then 1 end) = max(n_clauses) as holds,
    is_assumed,
    is_from_load
from judged
group by record_key, person_id, version, part, name, alternative, judged_at, is_assumed, is_from_load
