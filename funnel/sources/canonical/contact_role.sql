-- One row per person on an opportunity, as the file contact_role has it.
-- key: role_id
-- time: created_at is a UTC instant
select
    role_id,
    opportunity_id,
    record_id,
    role,
    is_primary,
    created_at
from canonical.contact_role
