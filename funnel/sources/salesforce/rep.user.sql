-- One row per user; the team is the department, else the role.
-- key: rep_id
-- time: none
select
    u.id as rep_id,
    coalesce(u.name, nullif(concat_ws(' ', u.first_name, u.last_name), '')) as name,
    coalesce(u.department, r.name) as team,
    u.region_c as region,
    u.time_zone_sid_key as zone,
    u.manager_id,
    coalesce(u.is_active, true) as is_active,
    false as is_queue
from salesforce.user as u
left join salesforce.user_role as r on u.user_role_id = r.id
