-- One row per campaign; the programme of a channel is the parent of its campaigns.
-- key: Id
-- time: UTC; StartDate and EndDate are days
select
    campaign.id18 as "Id",
    false as "IsDeleted",
    campaign.name as "Name",
    parent.id18 as "ParentId",
    case when campaign.parent = -1 then 'Programme' else campaign.kind_name end as "Type",
    case when campaign.ends_at < run.observed_at then 'Completed' else 'In Progress' end as "Status",
    strftime(campaign.starts_on, '%Y-%m-%d') as "StartDate",
    strftime(campaign.ends_on, '%Y-%m-%d') as "EndDate",
    campaign.channel_name as "Channel__c",
    owner.id18 as "OwnerId",
    stamp(campaign.starts_at - 1209600) as "CreatedDate",
    maker.id18 as "CreatedById",
    stamp(campaign.starts_at - 1209600) as "SystemModstamp"
from campaign
cross join run
inner join owner on owner.owner = 2 + campaign.campaign % 3
inner join owner as maker on maker.owner = 1
left join campaign as parent on parent.campaign = campaign.parent
where campaign.starts_at - 1209600 < run.observed_at
order by campaign.campaign
