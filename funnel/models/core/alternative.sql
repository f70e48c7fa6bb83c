-- One row per contract version and alternative of a stage entry or an exit that is judged by fields; family is the same alternative over all versions.
-- key: alternative_id
-- time: effective_from and effective_to are UTC instants, half-open
select
    row_number() over (order by v.number, k.part, k.name, k.alternative) as alternative_id,
    dense_rank() over (order by k.part, k.name, k.alternative) as family,
    k.version,
    k.part,
    k.name,
    k.alternative,
    max(k.n_clauses) as n_clauses,
    v.effective_from,
    v.effective_to
from contract.clause as k
inner join contract.version as v on k.version = v.version
where k.kind = 'field' and k.part in ('entered_when', 'exit')
group by v.number, k.version, k.part, k.name, k.alternative, v.effective_from, v.effective_to
