-- One row per sign of a stage entry or an exit, with the pass through the funnel that it belongs to.
-- key: signal_id
-- time: sort_at orders signs within a subject: a day counts as its end except for the first stage; an unknown entry as the record's beginning, an unknown exit as its end (of a deal, as the end of all that is known of the person)
with known as (
    select s.*,
        coalesce(g.position, 1000) as position,
        case when s.record_key is null then max(s.entered_at) over (partition by s.subject_id)
            else max(s.entered_at) over (partition by s.subject_id, s.record_key) end as record_last_at,
        coalesce(r.created_at, min(s.entered_at) over (partition by s.subject_id)) as record_first_at,
        min(r.created_at) over (partition by s.subject_id) as subject_first_at
    from core.signal as s
    left join (select stage,
        max(position) as position from contract.stage group by stage) as g on s.part = 'entered_when'
            and s.name = g.stage
    left join core.record as r on s.record_key = r.record_key
),

sorted as (
    select k.*,
        greatest(
            case
                when k.entered_at is null
                    and k.part = 'exit' then coalesce(k.record_last_at, k.record_first_at,
                        timestamp '1900-01-01 00:00:00') + interval 1 day
                when k.entered_at is null then coalesce(k.record_first_at, timestamp '1900-01-01 00:00:00')
                when k.precision = 'day' and k.position > 1 then k.entered_at + interval 86399 second
                else k.entered_at
            end,
            coalesce(k.subject_first_at, timestamp '1900-01-01 00:00:00')
        ) as sort_at
    from known as k
),

followed as (
    select s.*,
        lag(s.position)
            over (partition by s.subject_id order by s.sort_at, s.position, s.signal_id) as position_before,
        max(p.last_position) over () as last_position
    from sorted as s
    cross join (select max(position) as last_position from contract.stage) as p
)

select f.signal_id, f.subject_id, f.person_id, f.opportunity_id, f.record_key, f.part, f.name, f.position,
    f.entered_at, f.precision, f.evidence, f.user_id, f.sort_at,
    cast(1 + sum(case when f.position < 1000 and (f.position_before = 1000 or f.position_before = f.last_position)
        and f.position <> f.last_position then 1 else 0 end)
        over (partition by f.subject_id order by f.sort_at, f.position,
            f.signal_id rows between unbounded preceding and current row) as bigint) as pass
from followed as f
