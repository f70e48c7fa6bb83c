-- One row per sign of a stage entry or an exit, with the pass through the funnel that it belongs to, numbered within it.
-- key: cycle_no, place
-- time: signs of a subject are ordered by time: a day counts as its end except for the first stage; an unknown entry as the record's beginning, an unknown exit as its end (of a deal, as the end of all that is known of the person); cycle_no is subject and pass in one number
with known as (
    select s.*, coalesce(g.position, 1000) as position, r.created_at
    from core.signal as s
    left join (select stage, max(position) as position from contract.stage group by stage) as g
        on s.part = 'entered_when' and s.name = g.stage
    left join core.record as r on s.record_no = r.record_no
),

subject as (
    select subject_no, min(entered_at) as first_at, max(entered_at) as last_at, min(created_at) as created_at
    from known
    group by subject_no
),

record as (
    select subject_no, record_no, max(entered_at) as last_at from known group by subject_no, record_no
),

sorted as (
    select k.*,
        greatest(
            case
                when k.entered_at is null and k.part = 'exit' then coalesce(r.last_at,
                    case when k.record_no is null then u.last_at end, k.created_at, u.first_at,
                    timestamp '1900-01-01 00:00:00') + interval 1 day
                when k.entered_at is null
                    then coalesce(k.created_at, u.first_at, timestamp '1900-01-01 00:00:00')
                when k.precision = 'day' and k.position > 1 then k.entered_at + interval 86399 second
                else k.entered_at
            end,
            coalesce(u.created_at, timestamp '1900-01-01 00:00:00')
        ) as sort_at
    from known as k
    inner join subject as u on k.subject_no = u.subject_no
    left join record as r
        on k.subject_no = r.subject_no and k.record_no = r.record_no and k.entered_at is null
),

followed as (
    select s.*,
        row_number() over (partition by s.subject_no order by s.sort_at, s.position, s.kind, s.own_no, s.family, s.judged_at) as number,
        lag(s.position) over (partition by s.subject_no order by s.sort_at, s.position, s.kind, s.own_no, s.family, s.judged_at) as position_before
    from sorted as s
),

counted as (
    select f.*,
        sum(case when f.position < 1000 and f.position_before in (1000, p.last_position)
            and f.position <> p.last_position then 1 else 0 end)
            over (partition by f.subject_no order by f.number rows between unbounded preceding and current row) + 1 as pass,
        max(case when f.position < 1000 and f.position_before in (1000, p.last_position)
            and f.position <> p.last_position then f.number else 1 end)
            over (partition by f.subject_no order by f.number rows between unbounded preceding and current row) as begun
    from followed as f
    cross join (select max(position) as last_position from contract.stage) as p
)

select c.subject_no * 16777216 + cast(c.pass as bigint) as cycle_no, c.number - c.begun + 1 as place, c.subject_no,
    cast(c.pass as bigint) as pass, c.kind, c.own_no, c.family, c.judged_at, c.record_no, c.person_no,
    c.opportunity_id, c.part, c.name, c.position, c.entered_at, c.precision, c.evidence, c.user_id
from counted as c
