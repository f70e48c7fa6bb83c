-- One row per record of each of these sets.
select step, unit_id, min(subject_id) as subject_id, min(entered_at) as entered_at
from stamped
group by step, unit_id
