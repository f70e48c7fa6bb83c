-- One row per record and field that the contract or the model uses: the value that the last load holds.
-- key: record_no, field
-- time: none; value null when the field is empty
with used as (
    select distinct field from contract.clause where field is not null
    union
    select distinct field from contract.required_field
    union
    select 'reason' as field
),

listed as (
    select source, record_id, 'email' as field, email as value from staging.person
    union all select source, record_id, 'phone' as field, phone as value from staging.person
    union all select source, record_id, 'title' as field, title as value from staging.person
    union all select source, record_id, 'company' as field, company as value from staging.person
    union all select source, record_id, 'country' as field, country as value from staging.person
    union all select source, record_id, 'region' as field, region as value from staging.person
    union all select source, record_id, 'industry' as field, industry as value from staging.person
    union all select source, record_id, 'employees' as field, cast(employees as varchar) as value from staging.person
    union all select source, record_id, 'persona' as field, persona as value from staging.person
    union all select source, record_id, 'lead_type' as field, lead_type as value from staging.person
    union all select source, record_id, 'channel' as field, channel as value from staging.person
    union all select source, record_id, 'score' as field, cast(score as varchar) as value from staging.person
    union all select source, record_id, 'status' as field, status as value from staging.person
    union all select source, record_id, 'reason' as field, reason as value from staging.person
    union all select source, record_id, 'owner' as field, owner_id as value from staging.person
)

select r.record_no, l.field, l.value
from listed as l
inner join used as u on l.field = u.field
inner join core.record as r on l.source = r.source and l.record_id = r.record_id
