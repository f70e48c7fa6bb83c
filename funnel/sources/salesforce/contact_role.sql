-- One row per contact and role in an opportunity.
-- key: role_id
-- time: created_at is a UTC instant, null where the export has none
select
    id as role_id,
    opportunity_id,
    contact_id as record_id,
    role,
    coalesce(is_primary, false) as is_primary,
    created_date as created_at
from salesforce.opportunity_contact_role
where not coalesce(is_deleted, false) and contact_id is not null and opportunity_id is not null
