-- One row per person who reached both steps: the time from the one to the other.
select
    subject_id, value,
    (times[cast($to_step as integer)] - times[cast($from_step as integer)]) / $unit as seconds,
    case when is_by_day then 'day' else 'second' end as precision
from counted
where level >= cast($to_step as integer)
order by subject_id
