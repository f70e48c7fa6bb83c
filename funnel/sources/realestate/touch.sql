-- One row per lead: its enquiry.
-- key: touch_id
-- time: touched_at is the midnight in Dubai that begins the day
select
    lead_id as touch_id,
    lead_id as record_id,
    campaign_name as campaign_id,
    marketing_channel as channel,
    'response' as kind,
    lead_date as touched_at,
    'day' as touched_precision
from realestate.lead
