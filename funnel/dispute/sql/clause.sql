-- One row per hand-off of the batch and clause of the definition in force: its value as of the hand-off. Where
-- the source keeps no history of the field at all, the recorded value stands in, and the evidence says so.
select c.handoff_id, c.clause_id, k.words as clause, k.field,
    case when r.clause_id is null then c.value else r.value end as value,
    case when r.clause_id is null then c.passed else r.passed end as passed,
    case when r.clause_id is not null then 'as recorded' when c.evidence = 'history' then 'field history'
        else c.evidence end as evidence,
    case when c.known_from < timestamp '9999-01-01' then c.known_from end as known_from
from disputed d
join marts.handoff_clause c on c.handoff_id = d.handoff_id
join contract.clause k on k.clause_id = c.clause_id
left join recorded r on r.handoff_id = c.handoff_id and r.clause_id = c.clause_id
order by c.handoff_id, c.clause_id
