-- One row per cycle, with its dates in the contract's zone and what it can be split by.
-- key: cycle_id
-- time: _at UTC instants, _on days of the contract's zone; null when unknown; state is the exit, or open; is_stale: open and no sign for the contract's horizon
with last_sign as (
    select cycle_no, max(entered_at) as last_at from core.passage group by cycle_no
),

first_touch as (
    select t.person_id, t.campaign_id,
        row_number() over (partition by t.person_id order by t.touched_at, t.touch_id) as place
    from core.touch as t
    where t.campaign_id is not null
),

split as (
    select
        c.*,
        coalesce(r.channel, p.channel, o.channel) as channel,
        coalesce(r.source || ':' || r.campaign_id, f.campaign_id, o.campaign_id) as campaign_id,
        coalesce(r.content, p.content) as content,
        coalesce(r.region, p.region, a.region) as region,
        coalesce(r.country, p.country, a.country) as country,
        coalesce(r.industry, p.industry, a.industry) as industry,
        coalesce(r.employees, p.employees, a.employees) as employees,
        coalesce(r.persona, p.persona) as persona,
        coalesce(r.lead_type, p.lead_type) as lead_type,
        coalesce(p.owner_id, o.owner_id) as owner_id
    from core.cycle as c
    left join core.person as p on c.subject_no = p.person_no
    left join staging.person as r on c.record_key = r.source || ':' || r.record_id
    left join core.opportunity as o on c.opportunity_id = o.opportunity_id
    left join core.account as a on case when c.person_id is null then o.account_id
        else p.account_id end = a.account_id
    left join first_touch as f on c.person_id = f.person_id and f.place = 1
)

select
    c.cycle_id, c.subject_id, c.person_id, c.opportunity_id, c.record_key, c.pass, c.pass = 1 as is_first,
    c.started_at, c.started_precision,
    cast(c.started_at + z.offset_seconds * interval 1 second as date) as started_on,
    cast(date_trunc('week', cast(c.started_at + z.offset_seconds * interval 1 second as date)) as date) as week_on,
    cast(date_trunc('month', cast(c.started_at + z.offset_seconds * interval 1 second as date)) as date) as month_on,
    cast(date_trunc('quarter',
        cast(c.started_at + z.offset_seconds * interval 1 second as date)) as date) as quarter_on,
    c.furthest_stage, c.furthest_position, c.current_stage, c.exit, c.exit_at, c.exit_precision,
    cast(c.exit_at + x.offset_seconds * interval 1 second as date) as exit_on,
    c.exit_reason, coalesce(c.exit, 'open') as state,
    c.exit is null and coalesce(l.last_at + v.horizon_seconds * interval 1 second <= n.as_of, true) as is_stale,
    c.has_impossible_order, v.version, c.owner_id,
    c.channel, c.campaign_id, g.name as campaign, c.content, c.region, c.country, c.industry,
    case when c.employees < 50 then '1-49' when c.employees < 250 then '50-249' when c.employees < 1000 then '250-999'
        when c.employees >= 1000 then '1000+' end as company_size,
    c.persona, c.lead_type
from split as c
cross join run.context as n
inner join contract.version as v on v.effective_from <= coalesce(c.started_at, n.as_of)
    and coalesce(c.started_at, n.as_of) < v.effective_to
left join run.zone_day as z
    on cast(c.started_at as date) = z.day_on and z.starts_at <= c.started_at and c.started_at < z.ends_at
left join run.zone_day as x
    on cast(c.exit_at as date) = x.day_on and x.starts_at <= c.exit_at and c.exit_at < x.ends_at
left join last_sign as l on c.cycle_no = l.cycle_no
left join core.campaign as g on c.campaign_id = g.campaign_id
