-- One row per person of the last of these sets, under the first of the records.
with main as (
    select subject_id, min(unit_id) as unit_id from record where step = 2 group by subject_id
)

select s.subject_id, coalesce(m.unit_id, s.subject_id) as unit_id, min(s.entered_at) as entered_at
from stamped s
left join main m on m.subject_id = s.subject_id
where s.step = 2
group by s.subject_id, coalesce(m.unit_id, s.subject_id)
