-- One row per person with an attempt: the one that came furthest, of those the first to arrive there, of
-- those the latest start (in any order: the earliest). is_excluded: what came furthest is void; in any
-- order, everything is.
create temp table best as
with first_there as (
    select subject_id, min({'is_out': is_out, 'missing': -step, 't': t}) as place
    from judged
    group by subject_id
),
ranked as (
    select
        j.*,
        row_number() over (
            partition by j.subject_id
            order by case when $order = 'unordered' then j.start_t else -j.start_t end, j.times, j.path
        ) as place
    from judged j
    join first_there f on f.subject_id = j.subject_id
        and f.place = {'is_out': j.is_out, 'missing': -j.step, 't': j.t}
)
select
    r.subject_id, r.step as level, r.is_out as is_excluded, r.start_t, r.t, r.path, r.times, r.is_over,
    e.is_by_day
from ranked r
join event e on e.subject_id = r.subject_id and e.pos = r.path[1]
where r.place = 1
