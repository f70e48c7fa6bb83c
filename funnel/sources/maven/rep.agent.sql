-- One row per agent, with his manager; names are the only ids.
-- key: rep_id
-- time: none
select sales_agent as rep_id, sales_agent as name, 'sales' as team, regional_office as region, manager as manager_id
from maven.agent
