-- One row per person and role on an opportunity, of those created before as_of.
-- key: role_id
-- time: created_at is a UTC instant, null when the source has none
select s.source || ':' || s.role_id as role_id, s.source || ':' || s.opportunity_id as opportunity_id, r.person_id,
    s.role, coalesce(s.is_primary, false) as is_primary, s.created_at
from staging.contact_role as s
inner join core.record as r on r.record_key = s.source || ':' || s.record_id
cross join run.context as c
where s.created_at is null or s.created_at < c.as_of
