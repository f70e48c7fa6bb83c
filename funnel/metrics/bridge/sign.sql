-- One row per sign that a record entered the stage: its day in UTC and in the zone of the contract, and that of creation.
with local as (
    select
        coalesce(r.record_key, s.opportunity_id) as unit_id,
        coalesce(w.record_key, s.opportunity_id) as subject_id,
        s.entered_at,
        case when s.precision = 'day' then cast(s.entered_at + to_seconds(z.offset_seconds) as date)
            else cast(s.entered_at as date) end as utc_on,
        cast(s.entered_at + to_seconds(z.offset_seconds) as date) as entered_on,
        coalesce(r.created_at, o.created_at) as created_at,
        coalesce(r.created_precision, o.created_precision) as created_precision
    from core.signal s
    left join core.record r on r.record_no = s.record_no
    left join core.record w on w.record_no = s.person_no
    left join core.opportunity o on s.record_no is null and o.opportunity_id = s.opportunity_id
    left join run.zone_offset z on s.entered_at >= z.starts_at and s.entered_at < z.ends_at
    where s.part = 'entered_when' and s.name = $stage
)

select
    l.*,
    case when l.created_precision = 'day' then cast(l.created_at + to_seconds(z.offset_seconds) as date)
        else cast(l.created_at as date) end as created_on
from local l
left join run.zone_offset z on l.created_at >= z.starts_at and l.created_at < z.ends_at
