-- One row per change of a tracked field in LeadHistory. An owner's change comes twice, by names and by ids: the ids are kept.
-- key: event_id
-- time: changed_at is a UTC instant; the first value of a field has no row, it is the old value of its first change
with named as (
    select
        h.*,
        case lower(h.field)
            when 'email' then 'email'
            when 'phone' then 'phone'
            when 'title' then 'title'
            when 'company' then 'company'
            when 'country' then 'country'
            when 'region__c' then 'region'
            when 'industry' then 'industry'
            when 'numberofemployees' then 'employees'
            when 'persona__c' then 'persona'
            when 'lead_type__c' then 'lead_type'
            when 'leadsource' then 'channel'
            when 'lead_score__c' then 'score'
            when 'status' then 'status'
            when 'disqualify_reason__c' then 'reason'
            when 'owner' then 'owner'
        end as attribute
    from salesforce.lead_history as h
    where not coalesce(h.is_deleted, false)
)

select
    n.id as event_id,
    n.lead_id as record_id,
    n.attribute as field,
    case when n.attribute = 'owner' then substr(n.old_value, 1, 15) else n.old_value end as old_value,
    case when n.attribute = 'owner' then substr(n.new_value, 1, 15) else n.new_value end as new_value,
    n.created_date as changed_at,
    'second' as changed_precision,
    n.created_by_id as user_id,
    'history' as evidence
from named as n
inner join salesforce.lead as l on n.lead_id = l.id
where n.attribute is not null and (n.attribute <> 'owner' or regexp_matches(n.new_value, '^00[5G][0-9A-Za-z]{12}([0-9A-Za-z]{3})?$'))
