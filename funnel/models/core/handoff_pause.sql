-- One row per hand-off and span in which its clocks stand still: the lead had a status that pauses them.
-- key: handoff_id, number
-- time: UTC instants, half-open [paused_at, resumed_at), an open pause ends at as_of; seconds of both clocks, net_ ones without the pauses before
with stopped as (
    select h.handoff_id, h.version, h.calendar, a.valid_from as paused_at, least(a.valid_to, c.as_of) as resumed_at,
        a.valid_to >= c.as_of as is_open
    from core.handoff as h
    cross join run.context as c
    inner join contract.clause as k on h.version = k.version and k.part = 'pause'
    inner join contract.clause_value as l on k.clause_id = l.clause_id
    inner join core.attribute as a on h.record_no = a.record_no and k.field = a.field
        and lower(trim(l.value)) = lower(trim(a.value))
    where h.handed_at is not null and a.evidence <> 'assumed' and a.valid_from < least(a.valid_to, c.as_of)
),

clocked as (
    select s.handoff_id, s.paused_at, s.resumed_at, s.is_open,
        date_diff('second', timestamp '1970-01-01 00:00:00', s.paused_at) as paused_elapsed,
        date_diff('second', timestamp '1970-01-01 00:00:00', s.resumed_at) as resumed_elapsed,
        p.seconds_before + date_diff('second', p.starts_at, least(s.paused_at, p.ends_at)) as paused_working,
        r.seconds_before + date_diff('second', r.starts_at, least(s.resumed_at, r.ends_at)) as resumed_working
    from stopped as s
    left join core.business_span as p
        on s.version = p.version and s.calendar = p.calendar and cast(s.paused_at as date) = p.day_on
        and p.starts_at <= s.paused_at and s.paused_at < p.next_starts_at
    left join core.business_span as r
        on s.version = r.version and s.calendar = r.calendar and cast(s.resumed_at as date) = r.day_on
        and r.starts_at <= s.resumed_at and s.resumed_at < r.next_starts_at
)

select k.*,
    row_number() over (partition by k.handoff_id order by k.paused_at) as number,
    cast(k.paused_elapsed - coalesce(sum(k.resumed_elapsed - k.paused_elapsed) over (partition by k.handoff_id
        order by k.paused_at rows between unbounded preceding and 1 preceding), 0) as bigint) as net_elapsed,
    cast(k.paused_working - coalesce(sum(k.resumed_working - k.paused_working) over (partition by k.handoff_id
        order by k.paused_at rows between unbounded preceding and 1 preceding), 0) as bigint) as net_working
from clocked as k
