-- One row per hand-off of known time: how it was worked, in human touches before its outcome.
-- key: handoff_id
-- time: last_attempt_at is a UTC instant; days are those of the contract's zone; n_in_cadence is null where no cadence is agreed or its time is unknown
with cadence as (
    select handoff_id, max(due_at) as due_at from core.handoff_due where sla = 'cadence' group by handoff_id
),

attempt as (
    select t.handoff_id, t.touched_at, t.touched_at <= c.due_at as is_in_cadence,
        cast(t.touched_at + z.offset_seconds * interval 1 second as date) as touched_on
    from core.handoff_touch as t
    inner join core.handoff_outcome as o on t.handoff_id = o.handoff_id
    left join cadence as c on t.handoff_id = c.handoff_id
    left join run.zone_day as z
        on cast(t.touched_at as date) = z.day_on and z.starts_at <= t.touched_at and t.touched_at < z.ends_at
    where o.outcome_at is null or t.touched_at < o.outcome_at
),

worked as (
    select handoff_id, count(*) as n_attempts, count(case when is_in_cadence then 1 end) as n_in_cadence,
        count(distinct touched_on) as n_days, max(touched_at) as last_attempt_at
    from attempt
    group by handoff_id
),

earlier as (
    select w.handoff_id, count(*) as n_before
    from core.handoff_window as w
    inner join core.cycle as y on w.cycle_no = y.cycle_no
    inner join core.activity as a on w.subject_no = a.person_no and a.is_human_touch
        and y.started_at <= a.happened_at
        and a.happened_at + case when a.happened_precision = 'day' then 86399
            else 0 end * interval 1 second < w.handed_at
    group by w.handoff_id
)

select h.handoff_id, coalesce(w.n_attempts, 0) as n_attempts,
    case when c.due_at is not null then coalesce(w.n_in_cadence, 0) end as n_in_cadence,
    coalesce(w.n_days, 0) as n_days, w.last_attempt_at, coalesce(e.n_before, 0) as n_before
from core.handoff as h
left join worked as w on h.handoff_id = w.handoff_id
left join cadence as c on h.handoff_id = c.handoff_id
left join earlier as e on h.handoff_id = e.handoff_id
