-- One row per hand-off: when, by and to whom, how it was answered, what became of it, and whether it met the definition in force.
-- key: handoff_id
-- time: _at UTC instants, _on days of the contract's zone; hours without pauses, null when unknown, known to the day, or not yet: elapsed and business to the first human touch from the assignment (hand-off if nobody was assigned), wait_ from engagement, queue_ from hand-off to assignment
with clause as (
    select handoff_id, count(*) as n_clauses, count(case when not passed then 1 end) as n_failed,
        count(case when passed is null then 1 end) as n_unknown
    from marts.handoff_clause
    group by handoff_id
),

field as (
    select handoff_id, count(*) as n_required, count(case when not is_present then 1 end) as n_missing
    from marts.handoff_field
    group by handoff_id
),

first_touch as (
    select * from core.handoff_touch where attempt = 1
)

select
    h.handoff_id, h.cycle_id, h.person_id, h.record_key, h.pass, h.stage, h.from_team, h.to_team, h.handed_at,
    h.handed_precision, h.evidence,
    cast(h.handed_at + z.offset_seconds * interval 1 second as date) as handed_on,
    cast(date_trunc('week', cast(h.handed_at + z.offset_seconds * interval 1 second as date)) as date) as week_on,
    cast(date_trunc('month', cast(h.handed_at + z.offset_seconds * interval 1 second as date)) as date) as month_on,
    cast(date_trunc('quarter',
        cast(h.handed_at + z.offset_seconds * interval 1 second as date)) as date) as quarter_on,
    h.version, h.calendar, w.owner_id, w.assigned_at, t.touched_at as first_touch_at,
    t.touched_precision as first_touch_precision, y.started_at as engaged_at,
    y.started_precision as engaged_precision,
    a.n_attempts, a.n_in_cadence, a.n_days as n_attempt_days, a.last_attempt_at, a.n_before as n_touches_before,
    case when s.outcome = 'missed' then a.n_in_cadence > 0 when s.outcome = 'met' then false end as gave_up_early,
    r.elapsed_hours, r.business_hours, r.wait_elapsed_hours, r.wait_business_hours, r.queue_elapsed_hours,
    r.queue_business_hours,
    o.outcome, o.outcome_at, o.outcome_precision, o.outcome_reason,
    case when c.n_failed > 0 then false when c.n_unknown > 0 then null
        when c.n_clauses > 0 then true end as met_definition,
    coalesce(c.n_clauses, 0) as n_clauses, coalesce(c.n_failed, 0) as n_failed, coalesce(c.n_unknown, 0) as n_unknown,
    coalesce(f.n_required, 0) as n_required, coalesce(f.n_missing, 0) as n_missing,
    date_diff('second', h.handed_at, n.as_of) / 86400.0 as age_days,
    y.channel, y.campaign_id, y.campaign, y.content, y.region, y.country, y.industry, y.company_size, y.persona,
    y.lead_type
from core.handoff as h
cross join run.context as n
inner join marts.cycle as y on h.cycle_id = y.cycle_id
inner join core.handoff_outcome as o on h.handoff_id = o.handoff_id
left join core.handoff_hours as r on h.handoff_id = r.handoff_id
left join marts.handoff_sla as s on h.handoff_id = s.handoff_id and s.sla = 'cadence'
left join core.handoff_owner as w on h.handoff_id = w.handoff_id
left join first_touch as t on h.handoff_id = t.handoff_id
inner join core.handoff_attempt as a on h.handoff_id = a.handoff_id
left join clause as c on h.handoff_id = c.handoff_id
left join field as f on h.handoff_id = f.handoff_id
left join run.zone_day as z
    on cast(h.handed_at as date) = z.day_on and z.starts_at <= h.handed_at and h.handed_at < z.ends_at
