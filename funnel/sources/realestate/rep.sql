-- One row per agent; three names belong to two agents each, so only the id tells who is who.
-- key: rep_id
-- time: none
select agent_id as rep_id, agent_name as name, agent_department as team
from realestate.agent
