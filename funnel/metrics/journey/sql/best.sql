-- One row per person with an attempt: the one that came furthest, of those the first to arrive there, of
-- those the latest start (in any order: the earliest). Void: an excluded event after the furthest step
-- within the window, too. is_excluded: what came furthest is void.
create temp table best as
with judged as (
    select
        r.*,
        case
            when $order <> 'unordered'
                then r.is_void or coalesce(b.t <= r.start_t + cast($window as bigint), false)
            else coalesce(a.t <= r.start_t + cast($window as bigint), false)
                and not (r.step = cast($n_steps as integer) and r.t <= a.t)
        end as is_out
    from reach r
    asof left join bar b on b.subject_id = r.subject_id and b.step = r.step + 1 and b.t > r.t
    asof left join (select distinct subject_id, t from bar) a on a.subject_id = r.subject_id and a.t > r.start_t
    left join cut c on c.subject_id = r.subject_id
    where c.until is null or {'t': r.t, 'step': r.step} <= c.until
),
furthest as (
    select
        *,
        row_number() over (
            partition by subject_id
            order by case when $order = 'unordered' then is_out end, step desc, is_out, t,
                case when $order = 'unordered' then start_t else -start_t end, times, path
        ) as place
    from judged
)
select
    f.subject_id, f.step as level, f.is_out as is_excluded, f.start_t, f.t, f.path, f.times, f.is_over,
    e.is_by_day
from furthest f
join event e on e.subject_id = f.subject_id and e.pos = f.path[1]
where f.place = 1
