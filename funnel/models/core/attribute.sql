-- One row per record, field and span in which the field held one value, as far as history and loads tell.
-- key: record_key, field, change
-- time: UTC, half-open [valid_from, valid_to); value null when empty; evidence 'assumed': neither history nor a load reaches back, the value is the oldest known and held from valid_to on; is_dated: it began at valid_from
with changed as (
    select r.record_no, e.field, e.old_value, e.new_value, e.changed_at, e.evidence,
        row_number() over (partition by r.record_no, e.field order by e.changed_at, e.event_id) as change,
        lead(e.changed_at, 1, timestamp '9999-12-31 00:00:00')
            over (partition by r.record_no, e.field order by e.changed_at, e.event_id) as next_at
    from staging.attribute_event as e
    inner join core.record as r on e.source = r.source and e.record_id = r.record_id
    where e.changed_at is not null
),

first_value as (
    select record_no, field, old_value as value, changed_at as ends_at
    from changed
    where change = 1
    union all
    select v.record_no, v.field, v.value, null as ends_at
    from core.current_value as v
    left join (select record_no, field from changed where change = 1) as c
        on v.record_no = c.record_no and v.field = c.field
    where c.record_no is null
),

first_span as (
    select v.record_no, v.field, v.value,
        coalesce(r.created_at, timestamp '1900-01-01 00:00:00') as starts_at,
        coalesce(v.ends_at, timestamp '9999-12-31 00:00:00') as ends_at,
        coalesce(least(t.tracked_from, r.seen_at), timestamp '9999-12-31 00:00:00') as known_at,
        case when t.tracked_from <= coalesce(r.seen_at, t.tracked_from) then 'history' else 'load' end as evidence
    from first_value as v
    inner join core.record as r on v.record_no = r.record_no
    left join core.tracked_field as t on r.source = t.source and v.field = t.field
),

spanned as (
    select record_no, field, new_value as value, changed_at as valid_from, next_at as valid_to, evidence, change,
        true as is_dated
    from changed
    union all
    select record_no, field, value, greatest(starts_at, known_at) as valid_from, ends_at as valid_to,
        evidence, 0 as change, known_at <= starts_at as is_dated
    from first_span
    where known_at < ends_at or known_at <= starts_at
    union all
    select record_no, field, value, starts_at as valid_from, least(ends_at, known_at) as valid_to,
        'assumed' as evidence, -1 as change, false as is_dated
    from first_span
    where starts_at < known_at
)

select r.record_key, r.person_id, s.field, s.value, s.valid_from, s.valid_to, s.evidence, s.change, s.is_dated,
    s.record_no
from spanned as s
cross join run.context as c
inner join core.record as r on s.record_no = r.record_no
where s.valid_from < c.as_of
