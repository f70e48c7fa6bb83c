-- One row per instant of an excluded event and step that it bars on the way to.
create temp table bar as
select distinct e.subject_id, e.t, s.step
from event e
join step s on (e.barred & s.bit) <> 0
where e.barred > 0
