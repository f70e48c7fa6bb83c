-- One row per campaign, with its ids.
-- key: campaign
-- time: UTC seconds; -1 when it has not happened
select *, id15('701', campaign) as id15, id18('701', campaign) as id18
from campaign_frame
