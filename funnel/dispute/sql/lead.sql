-- One row per hand-off of the batch: who it is as the CRM says, what the clock of the first answer shows, and
-- how well hand-off and outcome are documented. Times: naive UTC.
with failed as (
    select c.handoff_id, string_agg(
        k.words || ' (' || coalesce(c.value, 'empty') || ')', '; ' order by c.clause_id
    ) as failed_clauses
    from clause_told c
    join contract.clause k on k.clause_id = c.clause_id
    where not c.passed
    group by c.handoff_id
),

clock as (
    select s.handoff_id, arg_min(s.outcome, case when s.sla = 'first_touch' then '' else s.sla end) as sla
    from marts.handoff_sla s
    join disputed d on d.handoff_id = s.handoff_id
    where s.sla in ('first_touch', (select min(sla) from contract.sla where sla <> 'disposition'))
    group by s.handoff_id
),

reached as (
    select d.handoff_id, e.evidence
    from disputed d
    join marts.stage_entry e on e.cycle_id = d.cycle_id and e.stage = $outcome
)

select
    d.handoff_id, coalesce(o.record_id, d.cycle_id) as lead_id,
    coalesce(p.name, q.name) as name, coalesce(p.company, q.company) as company,
    coalesce(w.name, d.owner_id) as owner, f.failed_clauses, k.sla,
    case when 'imputed' in (h.evidence, r.evidence) then 'imputed'
        when h.evidence = 'history' and coalesce(r.evidence, 'history') = 'history' then 'field history'
        else 'stamp' end as evidence
from disputed d
join marts.handoff h on h.handoff_id = d.handoff_id
left join core.record o on o.record_key = d.record_key
left join staging.person p on p.source = o.source and p.record_id = o.record_id
left join core.person q on q.person_id = d.person_id
left join core.rep w on w.rep_id = d.owner_id
left join failed f on f.handoff_id = d.handoff_id
left join clock k on k.handoff_id = d.handoff_id
left join reached r on r.handoff_id = d.handoff_id
order by d.handed_at, d.handoff_id
