-- One row per hand-off, SLA and tier that may apply to it: one, unless a value that decides is not known as of the hand-off.
-- key: handoff_id, sla, tier
-- time: values as of handed_at; the first tier counts whose conditions all hold; an empty field holds none
with judged as (
    select h.handoff_id, k.name,
        case when a.evidence is null or a.evidence = 'assumed' then 'unknown'
            when v.holds then 'holds'
            else 'fails' end as state
    from core.handoff as h
    inner join contract.clause as k on h.version = k.version and k.part = 'sla'
    left join core.attribute as a on h.record_no = a.record_no and k.field = a.field
        and a.valid_from <= h.handed_at and h.handed_at < a.valid_to
    left join core.clause_value as v on k.clause_id = v.clause_id and a.value = v.value
),

met as (
    select handoff_id, name, count(case when state = 'holds' then 1 end) as n_hold,
        count(case when state = 'fails' then 1 end) as n_fail
    from judged
    group by handoff_id, name
),

ranked as (
    select h.handoff_id, h.version, h.calendar, s.sla, s.tier, s.rank, s.clock, s.within_seconds, s.attempts,
        coalesce(m.n_fail, 0) > 0 as fails,
        min(case when s.n_clauses = coalesce(m.n_hold, 0) then s.rank end)
            over (partition by h.handoff_id, s.sla) as first_rank
    from core.handoff as h
    inner join contract.sla_tier as s on h.version = s.version and (s.stage is null or s.stage = h.stage)
        and s.tier <> 'all'
    left join met as m on h.handoff_id = m.handoff_id and s.sla || '/' || s.tier = m.name
)

select h.handoff_id, h.version, h.calendar, s.sla, s.tier, s.clock, s.within_seconds, s.attempts
from core.handoff as h
inner join contract.sla_tier as s on h.version = s.version and (s.stage is null or s.stage = h.stage) and s.tier = 'all'
union all
select handoff_id, version, calendar, sla, tier, clock, within_seconds, attempts
from ranked
where rank <= first_rank and not fails
