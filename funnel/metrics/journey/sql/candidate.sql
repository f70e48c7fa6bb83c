-- One row per attempt that came as far as any of its person's. Where an exclusion may void a longer one and
-- leave a shorter one (in any order), every attempt at every step.
create temp table candidate as
with possible as (
    select r.*
    from reach r
    left join cut c on c.subject_id = r.subject_id
    where c.until is null or {'t': r.t, 'step': r.step} <= c.until
),
furthest as (
    select subject_id, max(step) as step from possible group by subject_id
)
select p.*
from possible p
join furthest f on f.subject_id = p.subject_id
where p.step = f.step or cast($is_any_level as boolean)
