-- One row per hand-off, SLA and tier that may apply: the seconds on its clock to the answer, or so far.
-- key: handoff_id, sla, tier
-- time: seconds without pauses; a moment known to the day gives a range [least, most]; null where it cannot be told
with owed as (
    select t.handoff_id, t.sla, t.tier, t.clock, t.within_seconds, t.clock = 'business' as is_business, k.*,
        n.working_seconds as nth_working, n.elapsed_seconds as nth_elapsed,
        coalesce(e.working_seconds, n.working_seconds) as nth_end_working,
        coalesce(e.elapsed_seconds, n.elapsed_seconds) as nth_end_elapsed,
        case
            when t.sla = 'disposition' and k.outcome_at is not null then 'outcome'
            when t.attempts is null and t.sla <> 'disposition' and k.touch_at is not null then 'touch'
            when n.moment_at is not null then 'attempt'
            when t.attempts is not null and k.touch_at <= k.outcome_end_at then 'outcome'
        end as answer
    from core.handoff_tier as t
    inner join core.handoff_clock as k on t.handoff_id = k.handoff_id
    left join core.handoff_point as n
        on t.handoff_id = n.handoff_id and 'attempt ' || cast(t.attempts as varchar) = n.point
        and n.point like 'attempt %'
    left join core.handoff_point as e
        on t.handoff_id = e.handoff_id and 'attempt ' || cast(t.attempts as varchar) || ' end' = e.point
        and e.point like 'attempt % end'
),

clocked as (
    select o.handoff_id, o.sla, o.tier, o.clock, o.within_seconds, o.answer,
        case when o.is_business then o.start_working else o.start_elapsed end as begin_seconds,
        case when o.is_business then o.start_end_working else o.start_end_elapsed end as begin_end_seconds,
        case
            when o.answer is null then case when o.is_business then o.as_of_working else o.as_of_elapsed end
            when o.answer = 'outcome' then case when o.is_business then o.outcome_working else o.outcome_elapsed end
            when o.answer = 'touch' then case when o.is_business then o.touch_working else o.touch_elapsed end
            else case when o.is_business then o.nth_working else o.nth_elapsed end
        end as answer_seconds,
        case
            when o.answer is null then case when o.is_business then o.as_of_working else o.as_of_elapsed end
            when o.answer = 'outcome'
                then case when o.is_business then o.outcome_end_working else o.outcome_end_elapsed end
            when o.answer = 'touch' then case when o.is_business then o.touch_end_working else o.touch_end_elapsed end
            else case when o.is_business then o.nth_end_working else o.nth_end_elapsed end
        end as answer_end_seconds
    from owed as o
)

select c.handoff_id, c.sla, c.tier, c.clock, c.within_seconds, c.answer is not null as is_answered,
    c.answer_seconds - c.begin_end_seconds as least_seconds, c.answer_end_seconds - c.begin_seconds as most_seconds
from clocked as c
