-- One row per event and step that it serves.
create temp table hit as
select subject_id, pos, t, twin_before, can_start, is_over, unnest(steps) as step
from event
