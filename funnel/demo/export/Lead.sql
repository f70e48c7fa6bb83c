-- One row per lead: those merged into another are marked deleted, those erased are gone.
-- key: Id
-- time: UTC; ConvertedDate is a day
select
    lead.id18 as "Id",
    lead.is_merged as "IsDeleted",
    case when lead.is_merged then winner.id18 end as "MasterRecordId",
    lead.first_name as "FirstName",
    lead.last_name as "LastName",
    lead.title_name as "Title",
    case when lead.lead % 5 = 0 then company.short_name else company.name end as "Company",
    case when lead.has_country then lead.country_name end as "Country",
    case when lead.has_phone then '+999' || lpad(cast(lead.person * 7919 as varchar), 11, '0') end as "Phone",
    case lead.address
        when 0 then case when lead.lead % 9 = 4 then upper(lead.mail_name) else lead.mail_name end || '@' || company.domain
        when 2 then case lead.person % 3 when 0 then lead.mail_name || '@' when 1 then 'n/a' else lead.mail_name end
    end as "Email",
    'www.' || company.domain as "Website",
    case when lead.lead % 211 = 3
        then 'Met at the stand, spoke with "the boss".' || chr(10) || 'Asked for prices; call after lunch.'
    end as "Description",
    lead.channel_name as "LeadSource",
    status.word as "Status",
    industry.word as "Industry",
    lead.employees_now as "NumberOfEmployees",
    owner.id18 as "OwnerId",
    lead.is_converted as "IsConverted",
    case when lead.is_converted then day(lead.converted_on) end as "ConvertedDate",
    case when lead.is_converted then company.id18 end as "ConvertedAccountId",
    case when lead.is_converted then contact.id18 end as "ConvertedContactId",
    case when lead.is_converted then deal.id18 end as "ConvertedOpportunityId",
    stamp(lead.created_at) as "CreatedDate",
    maker.id18 as "CreatedById",
    stamp(lead.modified_at) as "LastModifiedDate",
    stamp(lead.modified_at) as "SystemModstamp",
    lead.score_now as "Lead_Score__c",
    lead.persona_name as "Persona__c",
    lead.region_name as "Region__c",
    reason.word as "Disqualify_Reason__c",
    lead.type_name as "Lead_Type__c",
    lead.content_name as "Content__c",
    campaign.id18 as "Campaign__c"
from lead_now as lead
inner join run on lead.lead >= run.first_row and lead.lead < run.end_row
inner join company_name as company on company.company = lead.company
inner join owner on owner.owner = lead.owner
inner join owner as maker on maker.owner = case when lead.is_late then 1 else 0 end
inner join campaign on campaign.campaign = lead.campaign
left join lead as winner on winner.lead = lead.original
left join contact on contact.contact = lead.contact
left join deal on deal.deal = lead.deal
inner join word as status on status.list = 'Status' and status.code = lead.status
left join word as industry on industry.list = 'Industry' and industry.code = lead.industry_now
left join word as reason on reason.list = 'Disqualify_Reason__c' and reason.code = lead.reason
order by lead.lead
