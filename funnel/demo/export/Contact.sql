-- One row per contact: from a converted lead, or known before.
-- key: Id
-- time: UTC
select
    contact.id18 as "Id",
    false as "IsDeleted",
    cast(null as varchar) as "MasterRecordId",
    company.id18 as "AccountId",
    lead.first_name as "FirstName",
    lead.last_name as "LastName",
    lead.title_name as "Title",
    case when lead.has_phone then '+999' || lpad(cast(lead.person * 7919 as varchar), 11, '0') end as "Phone",
    case when lead.address = 0 then lead.mail_name || '@' || company.domain end as "Email",
    company.country_name as "MailingCountry",
    case when contact.is_prior then null else lead.channel_name end as "LeadSource",
    owner.id18 as "OwnerId",
    stamp(contact.created_at) as "CreatedDate",
    owner.id18 as "CreatedById",
    stamp(contact.created_at) as "LastModifiedDate",
    stamp(contact.created_at) as "SystemModstamp"
from contact
cross join run
inner join owner on owner.owner = contact.owner
inner join lead on lead.lead = contact.lead
inner join company_name as company on company.company = contact.company
where contact.created_at < run.observed_at
order by contact.contact
