-- title: Each source was loaded in the week before the report's date
-- layer: landed
-- severity: warning
-- owner: operations
-- table: run.load
-- why: threshold ageing_days between the last load of a source and as_of
select l.source as row_key, 'last loaded ' || cast(max(l.observed_at) as varchar) || ', as of ' || cast(max(c.as_of) as varchar) as detail
from run.load as l
cross join run.context as c
group by l.source
having max(l.observed_at) + (select t.value from checks.threshold as t where t.name = 'ageing_days') * interval 1 day < max(c.as_of)
