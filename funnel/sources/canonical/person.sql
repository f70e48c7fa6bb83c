-- One row per lead or contact of the source, as the file person has it.
-- key: record_id
-- time: created_at and converted_at are UTC instants
select
    record_id,
    kind,
    created_at,
    case when created_at is null then 'unknown' else coalesce(created_precision, 'second') end as created_precision,
    name,
    email,
    phone,
    title,
    company,
    country,
    region,
    industry,
    employees,
    persona,
    lead_type,
    channel,
    campaign_id,
    content,
    score,
    status,
    reason,
    owner_id,
    account_id,
    contact_id,
    opportunity_id,
    converted_at,
    case when converted_at is null then 'unknown' else coalesce(converted_precision, 'second') end as converted_precision,
    merged_into_id,
    is_deleted
from canonical.person
