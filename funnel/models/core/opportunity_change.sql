-- One row per recorded change of an opportunity before as_of: of its stage, its amount or its expected close.
-- key: source, event_id
-- time: changed_at is a UTC instant, null when the source has no date; amount in the opportunity's currency and close_on as of the change, null when the source does not say
with ordered as (
    select
        e.*,
        row_number() over (
            partition by e.source, e.opportunity_id
            order by coalesce(e.changed_at, timestamp '1900-01-01 00:00:00'), e.event_id
        ) as place,
        lag(e.label) over (
            partition by e.source, e.opportunity_id
            order by coalesce(e.changed_at, timestamp '1900-01-01 00:00:00'), e.event_id
        ) as label_before
    from staging.opportunity_event as e
    cross join run.context as c
    where e.changed_at is null or e.changed_at < c.as_of
)

select
    source,
    event_id,
    source || ':' || opportunity_id as opportunity_id,
    label,
    label_before,
    amount,
    close_on,
    changed_at,
    changed_precision,
    coalesce(label <> label_before, true) as is_stage_change,
    place
from ordered
