-- One row per assignment of a record to an owner before as_of; the first owner holds from creation when no assignment tells more.
-- key: record_key, assigned_at, owner_id
-- time: assigned_at is a UTC instant, its precision beside it
with given as (
    select r.record_no, s.source || ':' || s.owner_id as owner_id, s.assigned_at, s.assigned_precision
    from staging.assignment as s
    inner join core.record as r on s.source = r.source and s.record_id = r.record_id
    cross join run.context as c
    where s.assigned_at < c.as_of and s.owner_id is not null
),

never as (
    select r.record_no, p.source || ':' || p.owner_id as owner_id, r.created_at as assigned_at,
        r.created_precision as assigned_precision
    from staging.person as p
    inner join core.record as r on p.source = r.source and p.record_id = r.record_id
    left join (select distinct record_no from given) as g on r.record_no = g.record_no
    where g.record_no is null and p.owner_id is not null and r.created_at is not null
),

first_told as (
    select record_no, owner_id, assigned_at, min(assigned_precision) as assigned_precision
    from (select * from given union all select * from never) as both_kinds
    group by record_no, owner_id, assigned_at
)

select r.record_key, r.person_id, f.owner_id, f.assigned_at, f.assigned_precision, f.record_no
from first_told as f
inner join core.record as r on f.record_no = r.record_no
