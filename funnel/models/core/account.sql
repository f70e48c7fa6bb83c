-- One row per account; those that were merged away point to the winner.
-- key: account_id
-- time: created_at is a UTC instant, null when the source has none
select
    a.source || ':' || a.account_id as account_id,
    a.name,
    a.domain,
    a.industry,
    a.employees,
    a.country,
    a.region,
    a.source || ':' || a.parent_id as parent_id,
    a.source || ':' || a.merged_into_id as merged_into_id,
    a.created_at
from staging.account as a
cross join run.context as c
where a.created_at is null or a.created_at < c.as_of
