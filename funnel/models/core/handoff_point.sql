-- One row per hand-off and moment that its clocks are read at, with the seconds of both clocks up to it, pauses left out.
-- key: handoff_id, point
-- time: moment_at is a UTC instant; working_seconds of the hand-off's calendar, null outside its table; elapsed_seconds since 1970
with gross as (
    select m.handoff_id, m.point, m.moment_at,
        date_diff('second', timestamp '1970-01-01 00:00:00', m.moment_at) as elapsed_seconds,
        b.seconds_before + date_diff('second', b.starts_at, least(m.moment_at, b.ends_at)) as working_seconds
    from core.handoff_moment as m
    left join core.business_span as b
        on m.version = b.version and m.calendar = b.calendar and cast(m.moment_at as date) = b.day_on
        and b.starts_at <= m.moment_at and m.moment_at < b.next_starts_at
),

stood as (
    select g.handoff_id, g.point,
        sum(least(g.elapsed_seconds, p.resumed_elapsed) - p.paused_elapsed) as elapsed_seconds,
        sum(least(g.working_seconds, p.resumed_working) - p.paused_working) as working_seconds
    from core.handoff_pause as p
    inner join gross as g on p.handoff_id = g.handoff_id and p.paused_at < g.moment_at
    group by g.handoff_id, g.point
)

select g.handoff_id, g.point, g.moment_at,
    cast(g.elapsed_seconds - coalesce(s.elapsed_seconds, 0) as bigint) as elapsed_seconds,
    cast(g.working_seconds - coalesce(s.working_seconds, 0) as bigint) as working_seconds
from gross as g
left join stood as s on g.handoff_id = s.handoff_id and g.point = s.point
