-- One row per clause on a field and value that the field ever had: does the clause hold for it?
-- key: clause_id, value
-- time: none; holds null when the value cannot be compared with what the clause asks; an empty field has no row
with value as (
    select distinct a.field, a.value
    from core.attribute as a
    where a.value is not null
)

select k.clause_id, v.value,
    case k.op
        when 'in' then l.value is not null
        when 'not_in' then l.value is null
        when 'at_least' then try_cast(v.value as double) >= k.low
        when 'at_most' then try_cast(v.value as double) <= k.high
        when 'between' then try_cast(v.value as double) between k.low and k.high
        when 'present' then trim(v.value) <> ''
        when 'valid_email' then regexp_matches(lower(trim(v.value)), '^[^@ ]+@[^@ ]+[.][^@ ]+$')
    end as holds
from value as v
inner join contract.clause as k on v.field = k.field
left join contract.clause_value as l on k.clause_id = l.clause_id and lower(trim(l.value)) = lower(trim(v.value))
where k.kind = 'field'
