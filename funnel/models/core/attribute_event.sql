-- One row per recorded change of a field of a record before as_of.
-- key: source, event_id
-- time: changed_at is a UTC instant; old_value and new_value null when the source had none
select
    e.source,
    e.event_id,
    r.person_id,
    r.record_key,
    e.field,
    e.old_value,
    e.new_value,
    e.changed_at,
    e.changed_precision,
    e.source || ':' || e.user_id as user_id,
    e.evidence
from staging.attribute_event as e
inner join core.record as r on r.record_key = e.source || ':' || e.record_id
cross join run.context as c
where e.changed_at < c.as_of
