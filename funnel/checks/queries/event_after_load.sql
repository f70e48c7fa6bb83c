-- title: Nothing is recorded that happens after it was loaded
-- layer: staging
-- severity: warning
-- owner: operations
-- table: run.load
-- why: a time zone that is read wrongly shows here first; a time known to the day may be any time of it
with loaded as (select source, max(observed_at) as observed_at from run.load group by source),

happened as (
    select source, 'person ' || record_id as row_key, 'created' as what, created_at as happened_at from staging.person
    union all
    select source, 'stage event ' || event_id as row_key, label as what, entered_at as happened_at from staging.stage_event
    union all
    select source, 'attribute event ' || event_id as row_key, field as what, changed_at as happened_at from staging.attribute_event
    union all
    select source, 'activity ' || activity_id as row_key, 'done' as what, done_at as happened_at from staging.activity
    union all
    select source, 'opportunity ' || opportunity_id as row_key, 'closed' as what, closed_at as happened_at
    from staging.opportunity
    where is_closed
)

select
    h.source || ' ' || h.row_key as row_key,
    coalesce(h.what, 'event') || ' ' || cast(h.happened_at as varchar) || ', loaded ' || cast(l.observed_at as varchar) as detail
from happened as h
inner join loaded as l on h.source = l.source
where h.happened_at > l.observed_at
