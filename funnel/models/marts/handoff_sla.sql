-- One row per hand-off and obligation in force: met, missed, open (deadline ahead) or unknown (too coarse, or no activities).
-- key: handoff_id, sla
-- time: due_at is a UTC instant; a moment known to the day gives a range, and the outcome is unknown unless both ends agree
with nth_touch as (
    select s.version, s.sla, t.handoff_id, t.touched_at,
        case when t.touched_precision = 'day' then t.touched_at + interval 86399 second else t.touched_at end as touched_end_at
    from contract.sla as s
    inner join core.handoff_touch as t on s.attempts = t.attempt
),

owed as (
    select h.handoff_id, h.version, h.calendar, s.sla, s.clock, s.within_seconds, s.attempts,
        s.sla = 'disposition' as is_disposition,
        s.clock = 'business' and s.attempts is null as is_business, a.n_activities > 0 as has_activities, o.outcome, k.*,
        n.touched_at as nth_at, n.touched_end_at as nth_end_at
    from core.handoff as h
    inner join contract.sla as s on h.version = s.version and (s.stage is null or s.stage = h.stage)
    inner join core.handoff_outcome as o on h.handoff_id = o.handoff_id
    inner join core.handoff_clock as k on h.handoff_id = k.handoff_id
    cross join (select count(*) as n_activities from staging.activity) as a
    left join nth_touch as n on h.handoff_id = n.handoff_id and h.version = n.version and s.sla = n.sla
),

answered as (
    select
        w.*,
        case
            when is_disposition then outcome_at
            when attempts is null then touch_at
            when nth_at is not null then nth_at
            when touch_at <= outcome_end_at then outcome_at
        end as answer_at,
        case
            when is_disposition then outcome_end_at
            when attempts is null then touch_end_at
            when nth_at is not null then nth_end_at
            when touch_at <= outcome_end_at then outcome_end_at
        end as answer_end_at,
        case when is_disposition then outcome_seconds else touch_seconds end as answer_seconds,
        case when is_disposition then outcome_end_seconds else touch_end_seconds end as answer_end_seconds
    from owed as w
),

ranged as (
    select
        a.*,
        a.start_seconds + a.within_seconds as due_seconds,
        case
            when a.is_business then coalesce(a.answer_seconds, a.as_of_seconds) - a.start_end_seconds
            else date_diff('second', a.start_end_at, coalesce(a.answer_at, a.as_of_at))
        end as least_seconds,
        case
            when a.is_business then coalesce(a.answer_end_seconds, a.as_of_seconds) - a.start_seconds
            else date_diff('second', a.start_at, coalesce(a.answer_end_at, a.as_of_at))
        end as most_seconds
    from answered as a
)

select r.handoff_id, r.sla, r.clock,
    case when r.is_business then b.starts_at + (r.due_seconds - b.seconds_before) * interval 1 second
        else r.start_at + r.within_seconds * interval 1 second end as due_at,
    case
        when not r.has_activities and not r.is_disposition then 'unknown'
        when r.answer_at is null and r.outcome <> 'open' and r.is_disposition then 'unknown'
        when r.least_seconds > r.within_seconds then 'missed'
        when r.most_seconds <= r.within_seconds then case when r.answer_at is null then 'open' else 'met' end
        else 'unknown'
    end as outcome
from ranged as r
left join core.business_bucket as b
    on r.is_business and r.version = b.version and r.calendar = b.calendar
    and cast(floor((r.due_seconds - 1) / 28800.0) as bigint) = b.bucket
    and b.seconds_before < r.due_seconds and r.due_seconds <= b.seconds_until
