-- One row per hand-off and obligation in force: met, missed, open (deadline ahead) or unknown (too coarse, or no activities).
-- key: handoff_id, sla
-- time: due_at is a UTC instant; hours on the SLA's clock to the answer, or so far: a range where a moment is known to the day, most_hours null while unanswered; tier 'unknown': several may apply, and the outcome is told only where they agree
with judged as (
    select a.handoff_id, a.sla, a.tier, a.clock, d.due_at,
        case when a.least_seconds < 0 then 0 else a.least_seconds end / 3600.0 as least_hours,
        case when a.is_answered then case when a.most_seconds < 0 then 0 else a.most_seconds end / 3600.0 end as most_hours,
        case
            when s.n_activities = 0 and a.sla <> 'disposition' then 'unknown'
            when not a.is_answered and o.outcome <> 'open' and a.sla = 'disposition' then 'unknown'
            when a.least_seconds > a.within_seconds then 'missed'
            when a.most_seconds <= a.within_seconds then case when a.is_answered then 'met' else 'open' end
            else 'unknown'
        end as outcome
    from core.handoff_answer as a
    inner join core.handoff_due as d on a.handoff_id = d.handoff_id and a.sla = d.sla and a.tier = d.tier
    inner join core.handoff_outcome as o on a.handoff_id = o.handoff_id
    cross join (select count(*) as n_activities from staging.activity) as s
)

select
    handoff_id,
    sla,
    case when count(*) = 1 then max(tier) else 'unknown' end as tier,
    case when min(clock) = max(clock) then max(clock) end as clock,
    max(due_at) as due_at,
    case when min(outcome) = max(outcome) then max(outcome) else 'unknown' end as outcome,
    case when min(clock) = max(clock) then max(least_hours) end as least_hours,
    case when min(clock) = max(clock) then max(most_hours) end as most_hours
from judged
group by handoff_id, sla
