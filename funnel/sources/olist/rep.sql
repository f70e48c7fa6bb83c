-- One row per representative who closed a deal; development representatives (sdr_id) own nothing that is mapped.
-- key: rep_id
-- time: none
select distinct sr_id as rep_id, 'sales' as team
from olist.deal
where sr_id is not null
