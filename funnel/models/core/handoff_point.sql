-- One row per hand-off and moment that its clocks are read at, with the working seconds of its calendar up to that moment.
-- key: handoff_id, point
-- time: moment_at is a UTC instant; a moment known to the day is given by its first and its last instant (point and point_end)
with first_touch as (
    select handoff_id, touched_at, touched_precision from core.handoff_touch where attempt = 1
),

begun as (
    select h.handoff_id, h.version, h.calendar, coalesce(o.assigned_at, h.handed_at) as start_at,
        coalesce(o.assigned_precision, h.handed_precision) as start_precision,
        t.touched_at, t.touched_precision, u.outcome_at, u.outcome_precision, c.as_of
    from core.handoff as h
    cross join run.context as c
    inner join core.handoff_outcome as u on h.handoff_id = u.handoff_id
    left join core.handoff_owner as o on h.handoff_id = o.handoff_id
    left join first_touch as t on h.handoff_id = t.handoff_id
),

listed as (
    select handoff_id, version, calendar, 'start' as point, start_at as moment_at from begun
    union all
    select handoff_id, version, calendar, 'start_end',
        start_at + case when start_precision = 'day' then 86399 else 0 end * interval 1 second from begun
    union all
    select handoff_id, version, calendar, 'touch', touched_at from begun
    union all
    select handoff_id, version, calendar, 'touch_end',
        touched_at + case when touched_precision = 'day' then 86399 else 0 end * interval 1 second from begun
    union all
    select handoff_id, version, calendar, 'outcome', outcome_at from begun
    union all
    select handoff_id, version, calendar, 'outcome_end',
        outcome_at + case when outcome_precision = 'day' then 86399 else 0 end * interval 1 second from begun
    union all
    select handoff_id, version, calendar, 'as_of', as_of from begun
)

select l.handoff_id, l.version, l.calendar, l.point, l.moment_at,
    b.seconds_before + date_diff('second', b.starts_at, least(l.moment_at, b.ends_at)) as working_seconds
from listed as l
left join core.business_span as b
    on l.version = b.version and l.calendar = b.calendar and cast(l.moment_at as date) = b.day_on
    and b.starts_at <= l.moment_at and l.moment_at < b.next_starts_at
where l.moment_at is not null
