-- One row per instant of an excluded event and step that it bars on the way to.
create temp table bar as
select distinct subject_id, t, unnest(bars) as step
from event
where len(bars) > 0
