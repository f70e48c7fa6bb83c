-- One row per user or queue that can own a lead.
-- key: rep_id
-- time: none; team null when the source does not say
select source || ':' || rep_id as rep_id, name, team, region, zone, source || ':' || manager_id as manager_id,
    is_active, coalesce(is_queue, false) as is_queue
from staging.rep
