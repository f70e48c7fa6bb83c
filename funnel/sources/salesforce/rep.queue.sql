-- One row per queue that owned a lead (its id begins with 00G), and per exported group of type Queue.
-- key: rep_id
-- time: none
with owned as (
    select distinct owner_id as id from salesforce.lead_version where substr(owner_id, 1, 3) = '00G'
    union
    select substr(old_value, 1, 15) as id from salesforce.lead_history where lower(field) = 'owner' and regexp_matches(old_value, '^00G[0-9A-Za-z]{12,15}$')
    union
    select substr(new_value, 1, 15) as id from salesforce.lead_history where lower(field) = 'owner' and regexp_matches(new_value, '^00G[0-9A-Za-z]{12,15}$')
    union
    select id from salesforce.queue where type is null or lower(type) = 'queue'
)

select o.id as rep_id, q.name, true as is_active, true as is_queue
from owned as o
left join salesforce.queue as q on o.id = q.id
