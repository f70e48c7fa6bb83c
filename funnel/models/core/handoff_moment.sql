-- One row per hand-off and moment that its clocks are read at; a moment known to the day has its last instant as a point of its own.
-- key: handoff_id, point
-- time: moment_at is a UTC instant; 'start' is the assignment, or the hand-off where nobody was assigned
with begun as (
    select h.handoff_id, h.version, h.calendar, h.handed_at, h.handed_precision, y.started_at, y.started_precision,
        o.assigned_at, coalesce(o.assigned_at, h.handed_at) as start_at,
        coalesce(o.assigned_precision, h.handed_precision) as start_precision,
        t.touched_at, t.touched_precision, u.outcome_at, u.outcome_precision, c.as_of
    from core.handoff as h
    cross join run.context as c
    inner join core.cycle as y on h.cycle_no = y.cycle_no
    inner join core.handoff_outcome as u on h.handoff_id = u.handoff_id
    left join core.handoff_owner as o on h.handoff_id = o.handoff_id
    left join core.handoff_touch as t on h.handoff_id = t.handoff_id and t.attempt = 1
),

nth as (
    select distinct r.handoff_id, r.version, r.calendar, r.attempts, t.touched_at, t.touched_precision
    from core.handoff_tier as r
    inner join core.handoff_touch as t on r.handoff_id = t.handoff_id and r.attempts = t.attempt
),

listed as (
    select handoff_id, version, calendar, 'engaged' as point, started_at as moment_at, started_precision as precision
    from begun where started_precision = 'second'
    union all
    select handoff_id, version, calendar, 'handed', handed_at, handed_precision from begun
    where assigned_at is not null and handed_precision = 'second'
    union all
    select handoff_id, version, calendar, 'start', start_at, start_precision from begun
    union all
    select handoff_id, version, calendar, 'touch', touched_at, touched_precision from begun
    union all
    select handoff_id, version, calendar, 'outcome', outcome_at, outcome_precision from begun
    union all
    select handoff_id, version, calendar, 'as_of', as_of, 'second' from begun
    union all
    select handoff_id, version, calendar, 'attempt ' || cast(attempts as varchar), touched_at, touched_precision
    from nth
)

select handoff_id, version, calendar, point, moment_at
from listed
where moment_at is not null
union all
select handoff_id, version, calendar, point || ' end', moment_at + interval 86399 second
from listed
where moment_at is not null and precision = 'day'
