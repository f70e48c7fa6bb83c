-- One row per campaign; its channel is the field Channel__c, else its type.
-- key: campaign_id
-- time: starts_on and ends_on are calendar days
select
    id as campaign_id,
    name,
    coalesce(channel_c, type) as channel,
    type as kind,
    start_date as starts_on,
    end_date as ends_on,
    parent_id
from salesforce.campaign
