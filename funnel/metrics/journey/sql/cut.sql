-- One row per person whose scan ends early, as ClickHouse's windowFunnel ends it: at a repetition of a step
-- already reached, at an event of no step, at a step whose forerunner was not reached. Until: (t, step).
create temp table cut as
with reached as (
    select subject_id, step, min(t) as t from reach group by subject_id, step
),
ranked as (
    select *, row_number() over (partition by subject_id, step, t order by pos) as place from hit
),
ending as (
    select h.subject_id, h.t, h.step
    from ranked h
    join reached r on r.subject_id = h.subject_id and r.step = h.step
    where cast($is_deduplication as boolean) and h.step > 1 and (h.t > r.t or (h.t = r.t and h.place > 1))
    union all
    select h.subject_id, h.t, h.step
    from hit h
    join reached f on f.subject_id = h.subject_id and f.step = 1
    left join reached r on r.subject_id = h.subject_id and r.step = h.step - 1
    where cast($is_order as boolean) and not cast($is_reentry as boolean)
        and h.step > 1 and h.t >= f.t and (r.t is null or r.t > h.t)
    union all
    select e.subject_id, e.t, 0
    from event e
    join reached f on f.subject_id = e.subject_id and f.step = 1
    where cast($is_order as boolean) and e.served = 0 and e.t > f.t
)
select subject_id, min({'t': t, 'step': step}) as until
from ending
group by subject_id
