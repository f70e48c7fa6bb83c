-- One row per hand-off, SLA and tier that may apply: when its time is used up.
-- key: handoff_id, sla, tier
-- time: due_at is a UTC instant, put off by pauses that began before it; an open pause counts up to as_of
with owed as (
    select t.handoff_id, t.version, t.calendar, t.sla, t.tier, t.clock,
        case when t.clock = 'business' then k.start_working else k.start_elapsed end + t.within_seconds as net_due
    from core.handoff_tier as t
    inner join core.handoff_clock as k on t.handoff_id = k.handoff_id
),

stood as (
    select o.handoff_id, o.sla, o.tier,
        sum(case when o.clock = 'business' then p.resumed_working - p.paused_working
            else p.resumed_elapsed - p.paused_elapsed end) as paused_seconds
    from core.handoff_pause as p
    inner join owed as o on p.handoff_id = o.handoff_id
        and case when o.clock = 'business' then p.net_working else p.net_elapsed end < o.net_due
    group by o.handoff_id, o.sla, o.tier
),

due as (
    select o.*, cast(o.net_due + coalesce(s.paused_seconds, 0) as bigint) as due_seconds
    from owed as o
    left join stood as s on o.handoff_id = s.handoff_id and o.sla = s.sla and o.tier = s.tier
)

select d.handoff_id, d.sla, d.tier,
    case when d.clock = 'business' then b.starts_at + (d.due_seconds - b.seconds_before) * interval 1 second
        else timestamp '1970-01-01 00:00:00' + d.due_seconds * interval 1 second end as due_at
from due as d
left join core.business_bucket as b
    on d.clock = 'business' and d.version = b.version and d.calendar = b.calendar
    and cast(floor((d.due_seconds - 1) / 28800.0) as bigint) = b.bucket
    and b.seconds_before < d.due_seconds and d.due_seconds <= b.seconds_until
