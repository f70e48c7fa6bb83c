-- One row per account: companies with a contact or an opportunity.
-- key: Id
-- time: UTC
select
    company.id18 as "Id",
    false as "IsDeleted",
    cast(null as varchar) as "MasterRecordId",
    company.name as "Name",
    'www.' || company.domain as "Website",
    company.industry_name as "Industry",
    company.employees as "NumberOfEmployees",
    company.country_name as "BillingCountry",
    above.id18 as "ParentId",
    owner.id18 as "OwnerId",
    stamp(account.created_at) as "CreatedDate",
    owner.id18 as "CreatedById",
    stamp(account.created_at) as "LastModifiedDate",
    stamp(account.created_at) as "SystemModstamp",
    company.region_name as "Region__c"
from account
cross join run
inner join company_name as company on company.company = account.company
inner join owner on owner.owner = account.owner
left join account as parent on parent.company = account.parent and parent.created_at < account.created_at
left join company_name as above on above.company = parent.company
where account.created_at < run.observed_at
order by account.company
