-- One row per opportunity, with the stage, amount and close date of its last change.
-- key: Id
-- time: UTC; CloseDate is a day, expected until it is closed; amounts in EUR
select
    deal.id18 as "Id",
    deal.is_deleted as "IsDeleted",
    company.id18 as "AccountId",
    contact.id18 as "ContactId",
    company.name || ' - ' || case when deal.amount > 60000 then 'Enterprise' else 'Team' end as "Name",
    stage.word as "StageName",
    money(last.amount) as "Amount",
    'EUR' as "CurrencyIsoCode",
    chance.word as "Probability",
    day(last.close_on) as "CloseDate",
    'New Business' as "Type",
    deal.channel_name as "LeadSource",
    last.stage >= 3 as "IsClosed",
    last.stage = 3 as "IsWon",
    campaign.id18 as "CampaignId",
    owner.id18 as "OwnerId",
    stamp(deal.created_at) as "CreatedDate",
    owner.id18 as "CreatedById",
    stamp(last.changed_at) as "LastModifiedDate",
    stamp(last.changed_at) as "SystemModstamp",
    case when last.stage = 4 then deal.loss_name end as "Loss_Reason__c"
from deal
inner join owner on owner.owner = deal.owner
left join contact on contact.contact = deal.contact
left join campaign on campaign.campaign = deal.campaign
inner join company_name as company on company.company = deal.company
inner join (
    select
        deal,
        arg_max(stage, number) as stage,
        arg_max(amount, number) as amount,
        arg_max(close_on, number) as close_on,
        max("at") as changed_at
    from deal_change
    cross join run
    where "at" < run.observed_at
    group by deal
) as last on last.deal = deal.deal
inner join word as stage on stage.list = 'StageName' and stage.code = last.stage
inner join word as chance on chance.list = 'Probability' and chance.code = last.stage
order by deal.deal
