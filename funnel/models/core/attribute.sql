-- One row per record, field and span in which the field held one value, as far as history and loads tell.
-- key: record_key, field, change
-- time: UTC, half-open [valid_from, valid_to); value null when empty; evidence 'assumed': no history reaches back, so the oldest value known is carried back
with changed as (
    select r.record_key, r.person_id, r.source, r.created_at, e.field, e.old_value, e.new_value, e.changed_at,
        e.evidence,
        row_number() over (partition by r.record_key, e.field order by e.changed_at, e.event_id) as change
    from staging.attribute_event as e
    inner join core.record as r on r.record_key = e.source || ':' || e.record_id
    where e.changed_at is not null
),

valued as (
    select record_key, person_id, source, created_at, field, new_value as value, changed_at as valid_from, evidence,
        change from changed
    union all
    select record_key, person_id, source, created_at, field, old_value as value, created_at as valid_from,
        null as evidence, 0 as change
    from changed
    where change = 1
    union all
    select v.record_key, v.person_id, v.source, v.created_at, v.field, v.value, v.created_at as valid_from,
        null as evidence, 0 as change
    from core.current_value as v
    left join changed as c on v.record_key = c.record_key and v.field = c.field and c.change = 1
    where c.record_key is null
),

spanned as (
    select v.*, lead(v.valid_from) over (partition by v.record_key, v.field order by v.change) as next_from
    from valued as v
)

select
    s.record_key,
    s.person_id,
    s.field,
    s.value,
    coalesce(s.valid_from, timestamp '1900-01-01 00:00:00') as valid_from,
    coalesce(s.next_from, timestamp '9999-12-31 00:00:00') as valid_to,
    case
        when s.evidence is not null then s.evidence
        when t.tracked_from <= s.created_at then 'history'
        else 'assumed'
    end as evidence,
    s.change
from spanned as s
left join core.tracked_field as t on s.source = t.source and s.field = t.field
cross join run.context as c
where coalesce(s.valid_from, timestamp '1900-01-01 00:00:00') < c.as_of
