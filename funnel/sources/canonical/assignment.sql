-- One row per assignment of a person to an owner, as the file assignment has it.
-- key: assignment_id
-- time: assigned_at is a UTC instant
select
    assignment_id,
    record_id,
    owner_id,
    assigned_at,
    case when assigned_at is null then 'unknown' else coalesce(assigned_precision, 'second') end as assigned_precision,
    user_id
from canonical.assignment
