-- One row per campaign that brought a lead; it has no id but its name.
-- key: campaign_id
-- time: none
select
    campaign_name as campaign_id,
    campaign_name as name,
    min(marketing_channel) as channel
from realestate.lead
where campaign_name is not null
group by campaign_name
