-- One row per hand-off: what was known of it when it was delivered. Recorded values stand in where there is no history.
with judged as (
    select handoff_id, count(*) filter (where not passed) as n_failed,
        count(*) filter (where passed is not null) as n_known
    from recorded
    group by handoff_id
),

filled as (
    select f.handoff_id, avg(case when coalesce(f.is_present, trim(v.value) <> '', false) then 1.0 else 0.0 end)
        filter (where f.is_present is not null or (t.field is null and v.field is not null)) as completeness
    from marts.handoff_field f
    join handed h on h.handoff_id = f.handoff_id
    left join core.tracked_field t on f.is_present is null and t.source = h.source and t.field = f.field
    left join core.attribute v on f.is_present is null and v.record_key = h.record_key and v.field = f.field
        and v.valid_from <= h.handed_at and h.handed_at < v.valid_to
    group by f.handoff_id
),

twin as (
    select h.handoff_id, case when bool_or(r.created_at < h.handed_at) then true
        when count(*) filter (where r.created_at is null) = 0 then false end as is_duplicate
    from handed h
    join core.record r on r.person_id = h.person_id and r.record_key <> h.record_key
    group by h.handoff_id
)

select h.handoff_id, d.n_failed, d.n_known, f.completeness, w.handoff_id is not null as has_twin, w.is_duplicate
from handed h
left join judged d on d.handoff_id = h.handoff_id
left join filled f on f.handoff_id = h.handoff_id
left join twin w on w.handoff_id = h.handoff_id
