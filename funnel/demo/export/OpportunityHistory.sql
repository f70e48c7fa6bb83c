-- One row per change of stage, amount, probability or close date of an opportunity.
-- key: Id
-- time: UTC; CloseDate is a day; amounts in EUR
select
    id15('008', change.number) as "Id",
    deal.id15 as "OpportunityId",
    stage.word as "StageName",
    money(change.amount) as "Amount",
    money(change.amount * cast(chance.word as integer) / 100) as "ExpectedRevenue",
    day(change.close_on) as "CloseDate",
    chance.word as "Probability",
    stamp(change."at") as "CreatedDate",
    owner.id15 as "CreatedById",
    false as "IsDeleted"
from deal_change as change
cross join run
inner join deal on deal.deal = change.deal
inner join owner on owner.owner = deal.owner
inner join word as stage on stage.list = 'StageName' and stage.code = change.stage
inner join word as chance on chance.list = 'Probability' and chance.code = change.stage
where change."at" < run.observed_at
order by change.number
