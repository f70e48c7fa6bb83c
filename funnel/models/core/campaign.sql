-- One row per campaign.
-- key: campaign_id
-- time: starts_on and ends_on are calendar days of the source, null when not given
select source || ':' || campaign_id as campaign_id, name, channel, kind, starts_on, ends_on,
    source || ':' || parent_id as parent_id
from staging.campaign
