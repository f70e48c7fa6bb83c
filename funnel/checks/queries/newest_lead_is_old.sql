-- title: Leads were created in the days before the report's date
-- layer: staging
-- severity: warning
-- owner: operations
-- table: staging.person
-- needs: person
-- why: threshold silent_days; an export may be loaded daily and still end long ago
select
    p.source as row_key,
    'the newest lead was created ' || cast(max(p.created_at) as varchar) || ', as of ' || cast(max(c.as_of) as varchar) as detail
from staging.person as p
cross join run.context as c
where p.created_at < c.as_of
group by p.source
having max(p.created_at) + (select t.value from checks.threshold as t where t.name = 'silent_days') * interval 1 day < max(c.as_of)
