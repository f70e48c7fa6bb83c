-- One row per user or queue that may own records, as the file rep has it.
-- key: rep_id
-- time: none
select
    rep_id,
    name,
    team,
    region,
    zone,
    manager_id,
    is_active,
    is_queue
from canonical.rep
