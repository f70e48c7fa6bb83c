-- One row per contact. Its company's industry and size stay with the account: only converted leads have one, so a split by them would know the outcome.
-- key: record_id
-- time: created_at is a UTC instant, null where the export has none
select
    id as record_id,
    'contact' as kind,
    created_date as created_at,
    case when created_date is null then 'unknown' else 'second' end as created_precision,
    coalesce(name, nullif(concat_ws(' ', first_name, last_name), '')) as name,
    email,
    coalesce(phone, mobile_phone) as phone,
    title,
    coalesce(mailing_country, mailing_country_code) as country,
    region_c as region,
    lead_source as channel,
    owner_id,
    account_id,
    master_record_id as merged_into_id,
    coalesce(is_deleted, false) as is_deleted,
    first_observed_at as seen_at
from salesforce.contact
