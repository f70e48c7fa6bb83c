-- One row per person record and group of records that it belongs to: itself, the contact it became, the winner of its merge, its e-mail address.
-- key: record_key, group_key
-- time: created_at is a UTC instant; null when the source has none
with kept as (
    select
        p.source || ':' || p.record_id as record_key,
        p.source || ':' || p.contact_id as contact_key,
        p.source || ':' || p.merged_into_id as winner_key,
        lower(trim(p.email)) as email
    from staging.person as p
    cross join run.context as c
    where
        (p.created_at is null or p.created_at < c.as_of)
        and (not coalesce(p.is_deleted, false) or p.merged_into_id is not null)
),

grouped as (
    select record_key, 'record ' || record_key as group_key, 'self' as link from kept
    union all
    select record_key, 'record ' || contact_key as group_key,
        'conversion' as link from kept where contact_key is not null
    union all
    select record_key, 'record ' || winner_key as group_key, 'merge' as link from kept where winner_key is not null
    union all
    select record_key, 'email ' || email as group_key, 'email' as link from kept
    where regexp_matches(email, '^[^@ ]+@[^@ ]+[.][^@ ]+$')
)

select record_key, group_key, min(link) as link
from grouped
group by record_key, group_key
