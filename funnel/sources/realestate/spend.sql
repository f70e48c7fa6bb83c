-- One row per lead: what it cost, on the day it came.
-- key: spend_id
-- time: spent_on is a day in Dubai, which is four hours ahead of UTC all year; amount in AED
select
    lead_id as spend_id,
    cast(lead_date + interval 4 hour as date) as spent_on,
    marketing_channel as channel,
    campaign_name as campaign_id,
    'lead' as kind,
    marketing_cost_aed as amount,
    'AED' as currency
from realestate.lead
where marketing_cost_aed is not null
