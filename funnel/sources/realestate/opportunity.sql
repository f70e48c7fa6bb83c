-- One row per negotiation, and per sale should one lack it: a deal opens with the negotiation and is won with the sale, or lost with its lead.
-- key: opportunity_id
-- time: midnights in Dubai; closed_at null for lost deals, whose day nobody wrote down; amount in AED: the sale's value, else the asking price
select
    l.lead_id as opportunity_id,
    l.lead_id as record_id,
    l.campaign_name as campaign_id,
    l.property_id as name,
    l.marketing_channel as channel,
    l.lead_status as stage,
    coalesce(s.sale_value_aed, p.property_price_aed) as amount,
    'AED' as currency,
    l.negotiation_date as created_at,
    case when l.negotiation_date is null then 'unknown' else 'day' end as created_precision,
    s.sale_date as closed_at,
    case when s.sale_date is null then 'unknown' else 'day' end as closed_precision,
    s.sale_id is not null or l.lead_status = 'Lost' as is_closed,
    s.sale_id is not null as is_won,
    l.lost_reason as loss_reason,
    l.agent_id as owner_id
from realestate.lead as l
left join realestate.sale as s on l.lead_id = s.lead_id
left join realestate.property as p on l.property_id = p.property_id
where l.negotiation_date is not null or s.sale_id is not null
