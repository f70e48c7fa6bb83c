-- One row per company of the source, as the file account has it.
-- key: account_id
-- time: created_at is a UTC instant
select
    account_id,
    name,
    domain,
    industry,
    employees,
    country,
    region,
    parent_id,
    merged_into_id,
    created_at
from canonical.account
