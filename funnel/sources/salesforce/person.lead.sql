-- One row per lead; merged ones point to the winner, converted ones to their contact, account and opportunity.
-- key: record_id
-- time: created_at is a UTC instant; converted_at is the local midnight that begins ConvertedDate, which is a day
with first_member as (
    select lead_id, arg_min(campaign_id, id) as campaign_id
    from (
        select m.*, min(m.created_date) over (partition by m.lead_id) as first_date
        from salesforce.campaign_member as m
        where m.lead_id is not null and not coalesce(m.is_deleted, false)
    ) as dated
    where created_date = first_date
    group by lead_id
)

select
    l.id as record_id,
    'lead' as kind,
    l.created_date as created_at,
    case when l.created_date is null then 'unknown' else 'second' end as created_precision,
    coalesce(l.name, nullif(concat_ws(' ', l.first_name, l.last_name), '')) as name,
    l.email,
    coalesce(l.phone, l.mobile_phone) as phone,
    l.title,
    l.company,
    coalesce(l.country, l.country_code) as country,
    l.region_c as region,
    l.industry,
    l.number_of_employees as employees,
    l.persona_c as persona,
    l.lead_type_c as lead_type,
    l.lead_source as channel,
    coalesce(l.campaign_c, m.campaign_id) as campaign_id,
    l.content_c as content,
    l.lead_score_c as score,
    l.status,
    l.disqualify_reason_c as reason,
    l.owner_id,
    l.converted_account_id as account_id,
    l.converted_contact_id as contact_id,
    l.converted_opportunity_id as opportunity_id,
    l.converted_date as converted_at,
    case when l.converted_date is null then 'unknown' else 'day' end as converted_precision,
    l.master_record_id as merged_into_id,
    coalesce(l.is_deleted, false) as is_deleted,
    l.first_observed_at as seen_at
from salesforce.lead as l
left join first_member as m on l.id = m.lead_id
