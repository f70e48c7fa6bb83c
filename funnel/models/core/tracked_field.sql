-- One row per source and field with a history: since when its changes were recorded.
-- key: source, field
-- time: tracked_from is a UTC instant; a field without a row has no history in that source
select source, field, min(changed_at) as tracked_from
from staging.attribute_event
where evidence = 'history' and changed_at is not null
group by source, field
