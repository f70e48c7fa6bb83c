-- One row per assignment of a record to an owner before as_of; the first owner holds from creation when no assignment tells more.
-- key: record_key, assigned_at, owner_id
-- time: assigned_at is a UTC instant, its precision beside it
with given as (
    select r.record_key, r.person_id, s.source || ':' || s.owner_id as owner_id, s.assigned_at, s.assigned_precision
    from staging.assignment as s
    inner join core.record as r on r.record_key = s.source || ':' || s.record_id
    cross join run.context as c
    where s.assigned_at < c.as_of and s.owner_id is not null
),

never as (
    select r.record_key, r.person_id, p.source || ':' || p.owner_id as owner_id, r.created_at as assigned_at,
        r.created_precision as assigned_precision
    from staging.person as p
    inner join core.record as r on r.record_key = p.source || ':' || p.record_id
    left join given as g on r.record_key = g.record_key
    where g.record_key is null and p.owner_id is not null and r.created_at is not null
)

select record_key, person_id, owner_id, assigned_at, min(assigned_precision) as assigned_precision
from (select * from given union all select * from never) as both_kinds
group by record_key, person_id, owner_id, assigned_at
