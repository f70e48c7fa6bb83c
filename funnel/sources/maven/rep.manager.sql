-- One row per manager, who closes no deal himself.
-- key: rep_id
-- time: none
select m.manager as rep_id, m.manager as name, 'sales' as team, min(m.regional_office) as region
from maven.agent as m
left join maven.agent as a on m.manager = a.sales_agent
where m.manager is not null and a.sales_agent is null
group by m.manager
