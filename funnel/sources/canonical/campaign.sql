-- One row per campaign, as the file campaign has it.
-- key: campaign_id
-- time: starts_on and ends_on are days
select
    campaign_id,
    name,
    channel,
    kind,
    starts_on,
    ends_on,
    parent_id
from canonical.campaign
