-- One row per hand-off and holder in turn, from the hand-off to its outcome: how long he had the lead, and what he did with it.
-- key: handoff_id, number
-- time: UTC instants, half-open [from_at, to_at); hours of both clocks without pauses, null where an end is known only to the day; the hours of a hand-off's spans add to the whole
with touched as (
    select s.handoff_id, s.number, t.attempt, t.touched_at, a.rep_id = s.owner_id as is_own
    from core.handoff_span as s
    inner join core.handoff_window as w on s.handoff_id = w.handoff_id
    inner join core.handoff_touch as t
        on s.handoff_id = t.handoff_id and greatest(t.touched_at, w.handed_at) >= s.from_at and t.touched_at < s.to_at
    inner join core.activity as a on t.activity_id = a.activity_id
),

worked as (
    select handoff_id, number, count(*) as n_touches, count(case when is_own then 1 end) as n_own_touches,
        min(touched_at) as first_touch_at, min(attempt) = 1 as is_responder
    from touched
    group by handoff_id, number
),

clocked as (
    select s.*,
        date_diff('second', timestamp '1970-01-01 00:00:00', s.from_at) as from_elapsed,
        date_diff('second', timestamp '1970-01-01 00:00:00', s.to_at) as to_elapsed,
        b.seconds_before + date_diff('second', b.starts_at, least(s.from_at, b.ends_at)) as from_working,
        e.seconds_before + date_diff('second', e.starts_at, least(s.to_at, e.ends_at)) as to_working
    from core.handoff_span as s
    inner join core.handoff as h on s.handoff_id = h.handoff_id
    left join core.business_span as b
        on h.version = b.version and h.calendar = b.calendar and cast(s.from_at as date) = b.day_on
        and b.starts_at <= s.from_at and s.from_at < b.next_starts_at
    left join core.business_span as e
        on h.version = e.version and h.calendar = e.calendar and cast(s.to_at as date) = e.day_on
        and e.starts_at <= s.to_at and s.to_at < e.next_starts_at
),

stood as (
    select k.handoff_id, k.number,
        sum(least(k.to_elapsed, p.resumed_elapsed) - greatest(k.from_elapsed, p.paused_elapsed)) as elapsed_seconds,
        sum(least(k.to_working, p.resumed_working) - greatest(k.from_working, p.paused_working)) as working_seconds
    from core.handoff_pause as p
    inner join clocked as k
        on p.handoff_id = k.handoff_id and p.paused_at < k.to_at and k.from_at < p.resumed_at
    group by k.handoff_id, k.number
)

select k.handoff_id, k.number, k.owner_id, k.holder, k.from_at, k.to_at, k.is_last,
    coalesce(w.n_touches, 0) as n_touches, coalesce(w.n_own_touches, 0) as n_own_touches, w.first_touch_at,
    coalesce(w.is_responder, false) as is_responder,
    case when k.is_exact then k.to_working - k.from_working - coalesce(s.working_seconds, 0) end / 3600.0 as business_hours,
    case when k.is_exact then k.to_elapsed - k.from_elapsed - coalesce(s.elapsed_seconds, 0) end / 3600.0 as elapsed_hours
from clocked as k
left join worked as w on k.handoff_id = w.handoff_id and k.number = w.number
left join stood as s on k.handoff_id = s.handoff_id and k.number = s.number
