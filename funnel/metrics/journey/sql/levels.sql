-- One row per person with any event: the step reached (0: none), and the time each step took.
with person as (
    select distinct subject_id from own_event
)
select
    p.subject_id,
    case when b.is_excluded then 0 else coalesce(b.level, 0) end as level,
    coalesce(b.is_excluded, false) as is_excluded,
    [(c.times[i + 1] - c.times[i]) / $unit for i in range(1, c.level)] as seconds
from person p
left join best b on b.subject_id = p.subject_id
left join counted c on c.subject_id = p.subject_id
order by p.subject_id
