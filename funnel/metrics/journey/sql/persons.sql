-- One row per person who reached the step asked for, or who stopped at the step before it.
select
    c.subject_id, c.value, c.level, f.happened_at as started_at, l.happened_at as reached_at,
    (c.times[asked] - c.times[asked - 1]) / $unit as seconds,
    (c.times[asked] - c.times[1]) / $unit as seconds_from_start,
    case when c.is_by_day then 'day' else 'second' end as precision
from (select *, least(level, cast($asked as integer)) as asked from counted) c
join event f on f.subject_id = c.subject_id and f.pos = c.path[1]
join event l on l.subject_id = c.subject_id and l.pos = c.path[c.asked]
where case $outcome
        when 'converted' then c.level >= cast($asked as integer)
        when 'dropped' then c.level = cast($asked as integer) - 1 and c.is_over
        else c.level = cast($asked as integer) - 1 and not c.is_over
    end
order by c.subject_id
