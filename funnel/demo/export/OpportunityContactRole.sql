-- One row per contact in an opportunity.
-- key: Id
-- time: UTC
select
    id18('00K', role.number) as "Id",
    deal.id18 as "OpportunityId",
    contact.id18 as "ContactId",
    words.word as "Role",
    role.is_primary as "IsPrimary",
    stamp(role.created_at) as "CreatedDate",
    stamp(role.created_at) as "SystemModstamp",
    false as "IsDeleted"
from role
cross join run
inner join deal on deal.deal = role.deal
inner join contact on contact.contact = role.contact
inner join word as words on words.list = 'Role' and words.code = role.role
where role.created_at < run.observed_at
order by role.number
