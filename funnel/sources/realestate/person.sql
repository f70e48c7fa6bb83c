-- One row per lead, with what its customer is looking for.
-- key: record_id
-- time: created_at is the midnight in Dubai that begins the day of the enquiry; owner_id null where the lead has no agent
select
    l.lead_id as record_id,
    'lead' as kind,
    l.lead_date as created_at,
    'day' as created_precision,
    c.preferred_location as region,
    c.customer_type as persona,
    c.preferred_property_type as lead_type,
    l.marketing_channel as channel,
    l.campaign_name as campaign_id,
    l.lead_status as status,
    l.lost_reason as reason,
    l.agent_id as owner_id,
    l.first_observed_at as seen_at
from realestate.lead as l
left join realestate.customer as c on l.customer_id = c.customer_id
