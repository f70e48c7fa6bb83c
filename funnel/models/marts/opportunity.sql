-- One row per opportunity, with its days in the contract's zone and what it can be split by.
-- key: opportunity_id
-- time: _at UTC instants, _on days of the contract's zone; amount in currency; days_to_close null while open, when unknown, impossible, or created as closed
with cycle as (
    select p.opportunity_id, y.cycle_id,
        row_number() over (partition by p.opportunity_id order by p.place desc, y.cycle_id) as place
    from core.passage as p
    inner join core.cycle as y on p.cycle_no = y.cycle_no
    inner join core.opportunity as o on p.opportunity_id = o.opportunity_id
        and (y.person_id = o.person_id or o.person_id is null)
),

dated as (
    select o.*, y.cycle_id,
        cast(o.created_at + a.offset_seconds * interval 1 second as date) as created_on,
        cast(o.closed_at + b.offset_seconds * interval 1 second as date) as closed_on,
        case when o.created_precision = 'second'
            and o.closed_precision = 'second' then date_diff('second', o.created_at,
                o.closed_at) / 86400.0 end as exact_days
    from core.opportunity as o
    left join cycle as y on o.opportunity_id = y.opportunity_id and y.place = 1
    left join run.zone_day as a
        on cast(o.created_at as date) = a.day_on and a.starts_at <= o.created_at and o.created_at < a.ends_at
    left join run.zone_day as b
        on cast(o.closed_at as date) = b.day_on and b.starts_at <= o.closed_at and o.closed_at < b.ends_at
)

select
    d.opportunity_id, d.cycle_id, d.person_id, d.account_id,
    d.created_at, d.created_precision, d.created_on,
    cast(date_trunc('week', d.created_on) as date) as created_week_on,
    cast(date_trunc('month', d.created_on) as date) as created_month_on,
    cast(date_trunc('quarter', d.created_on) as date) as created_quarter_on,
    d.closed_at, d.closed_precision, d.closed_on,
    cast(date_trunc('week', d.closed_on) as date) as closed_week_on,
    cast(date_trunc('month', d.closed_on) as date) as closed_month_on,
    cast(date_trunc('quarter', d.closed_on) as date) as closed_quarter_on,
    d.outcome, d.stage, d.amount, d.currency, d.loss_reason, d.owner_id, d.is_created_closed,
    case
        when d.is_created_closed or d.closed_on < d.created_on then null
        else coalesce(d.exact_days,
            date_diff('second', cast(d.created_on as timestamp), cast(d.closed_on as timestamp)) / 86400.0)
    end as days_to_close,
    coalesce(y.channel, d.channel) as channel, coalesce(y.campaign_id, d.campaign_id) as campaign_id,
    coalesce(y.campaign, g.name) as campaign,
    y.content, coalesce(y.region, a.region) as region, coalesce(y.country, a.country) as country,
    coalesce(y.industry, a.industry) as industry,
    coalesce(y.company_size,
        case when a.employees < 50 then '1-49' when a.employees < 250 then '50-249'
            when a.employees < 1000 then '250-999' when a.employees >= 1000 then '1000+' end) as company_size,
    y.persona, y.lead_type
from dated as d
left join marts.cycle as y on d.cycle_id = y.cycle_id
left join core.account as a on d.account_id = a.account_id
left join core.campaign as g on d.campaign_id = g.campaign_id
