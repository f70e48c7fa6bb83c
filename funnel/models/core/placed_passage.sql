-- One row per sign of a stage entry or an exit, numbered within its cycle.
-- key: cycle_id, place
-- time: as core.passage
select
    p.*,
    p.subject_id || '#' || cast(p.pass as varchar) as cycle_id,
    row_number() over (partition by p.subject_id, p.pass order by p.sort_at, p.position, p.signal_id) as place
from core.passage as p
