-- One row per hand-off: when, by and to whom, how it was answered, what became of it, and whether it met the definition in force.
-- key: handoff_id
-- time: _at UTC instants, _on days of the contract's zone, hours to the first human touch, 0 where it came before the assignment; null when unknown or not yet
with attempt as (
    select t.handoff_id, count(*) as n_attempts
    from core.handoff_touch as t
    inner join core.handoff_outcome as o on t.handoff_id = o.handoff_id
    where o.outcome_at is null or t.touched_at < o.outcome_at
    group by t.handoff_id
),

clause as (
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
    t.touched_precision as first_touch_precision,
    coalesce(a.n_attempts, 0) as n_attempts,
    case when t.touched_precision = 'second' and h.handed_precision = 'second' then case
        when t.touched_at < k.start_at then 0
            else date_diff('second', k.start_at, t.touched_at) end / 3600.0 end as elapsed_hours,
    case when t.touched_precision = 'second' and h.handed_precision = 'second' then case
        when t.touched_at < k.start_at then 0
            else k.touch_seconds - k.start_seconds end / 3600.0 end as business_hours,
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
left join core.handoff_clock as k on h.handoff_id = k.handoff_id
left join core.handoff_owner as w on h.handoff_id = w.handoff_id
left join first_touch as t on h.handoff_id = t.handoff_id
left join attempt as a on h.handoff_id = a.handoff_id
left join clause as c on h.handoff_id = c.handoff_id
left join field as f on h.handoff_id = f.handoff_id
left join run.zone_offset as z on z.starts_at <= h.handed_at and h.handed_at < z.ends_at
