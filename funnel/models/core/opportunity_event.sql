-- One row per change of an opportunity's stage before as_of.
-- key: source, event_id
-- time: changed_at is a UTC instant, null when the source has no date; amount in the opportunity's currency
select
    e.source,
    e.event_id,
    e.source || ':' || e.opportunity_id as opportunity_id,
    e.label,
    e.amount,
    e.close_on,
    e.changed_at,
    e.changed_precision,
    row_number() over (
        partition by e.source, e.opportunity_id order by coalesce(e.changed_at, timestamp '1900-01-01 00:00:00'),
        e.event_id
    ) as place
from staging.opportunity_event as e
cross join run.context as c
where e.changed_at is null or e.changed_at < c.as_of
