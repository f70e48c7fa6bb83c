-- One row per field of a lead that differs between two loads and of which LeadHistory says nothing in between.
-- key: event_id
-- time: changed_at is the lead's last change before the later load, or that load itself: the value held from then on, maybe longer
with noted as (
    select
        h.lead_id,
        h.created_date,
        case lower(h.field)
            when 'region__c' then 'region'
            when 'numberofemployees' then 'employees'
            when 'persona__c' then 'persona'
            when 'lead_type__c' then 'lead_type'
            when 'leadsource' then 'channel'
            when 'lead_score__c' then 'score'
            when 'disqualify_reason__c' then 'reason'
            else lower(h.field)
        end as field
    from salesforce.lead_history as h
),

unexplained as (
    select c.*
    from salesforce.lead_change as c
    left join noted as n
        on c.id = n.lead_id and c.field = n.field and c.previous_observed_at < n.created_date and n.created_date <= c.observed_at
    where n.lead_id is null
)

select
    u.id || ' ' || u.field || ' ' || cast(u.load_number as varchar) as event_id,
    u.id as record_id,
    u.field,
    u.old_value,
    u.new_value,
    case when u.previous_observed_at < v.last_modified_date and v.last_modified_date <= u.observed_at then v.last_modified_date else u.observed_at end
        as changed_at,
    'second' as changed_precision,
    'load' as evidence
from unexplained as u
inner join salesforce.lead as l on u.id = l.id
inner join salesforce.lead_version as v on u.id = v.id and u.load_number = v.load_number
