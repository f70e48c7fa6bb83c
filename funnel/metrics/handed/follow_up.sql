-- One row per hand-off with a human touch: how many, how many count (before the landmark, the outcome and the
-- exit), and the business hours to the first that counts, pauses left out.
with touch as (
    select t.handoff_id, t.touched_at, t.touched_precision, t.touched_at < c.until_at as is_counted,
        cast(t.touched_at + to_seconds(z.offset_seconds) as date) as touched_on
    from core.handoff_touch t
    join ending c on c.handoff_id = t.handoff_id
    left join run.zone_offset z on z.starts_at <= t.touched_at and t.touched_at < z.ends_at
),

touched as (
    select handoff_id, count(*) as n_touches_all, min(touched_at) as first_touch_at,
        count(*) filter (where is_counted) as n_touches,
        count(distinct touched_on) filter (where is_counted) as n_touch_days,
        min(touched_at + to_seconds(case when touched_precision = 'day' then 43200 else 0 end))
            filter (where is_counted) as counted_at
    from touch
    group by handoff_id
),

-- a touch known to the day counts from its noon, and never before the hand-off
span as (
    select c.handoff_id, c.handed_at, greatest(t.counted_at, c.handed_at) as touch_at,
        b.seconds_before + date_diff('second', b.starts_at, least(c.handed_at, b.ends_at)) as handed_working,
        e.seconds_before + date_diff('second', e.starts_at, least(greatest(t.counted_at, c.handed_at), e.ends_at))
            as touch_working
    from touched t
    join ending c on c.handoff_id = t.handoff_id
    left join core.business_span b
        on b.version = c.version and b.calendar = c.calendar and b.day_on = cast(c.handed_at as date)
        and b.starts_at <= c.handed_at and c.handed_at < b.next_starts_at
    left join core.business_span e
        on e.version = c.version and e.calendar = c.calendar
        and e.day_on = cast(greatest(t.counted_at, c.handed_at) as date)
        and e.starts_at <= greatest(t.counted_at, c.handed_at)
        and greatest(t.counted_at, c.handed_at) < e.next_starts_at
    where t.counted_at is not null
),

paused as (
    select s.handoff_id, sum(greatest(0, least(s.touch_working, p.resumed_working)
        - greatest(s.handed_working, p.paused_working))) as seconds
    from core.handoff_pause p
    join span s on s.handoff_id = p.handoff_id and p.paused_at < s.touch_at and p.resumed_at > s.handed_at
    group by s.handoff_id
)

select t.handoff_id, t.n_touches_all, t.first_touch_at, t.n_touches, t.n_touch_days,
    case when s.handoff_id is not null then greatest(0, coalesce(
        s.touch_working - s.handed_working - coalesce(p.seconds, 0), date_diff('second', s.handed_at, s.touch_at)
    )) / 3600.0 end as touch_hours
from touched t
left join span s on s.handoff_id = t.handoff_id
left join paused p on p.handoff_id = t.handoff_id
