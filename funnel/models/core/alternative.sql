-- One row per contract version and alternative of a stage entry or an exit that is judged by fields; family is the same alternative over all versions.
-- key: alternative_id
-- time: effective_from and effective_to are UTC instants, half-open; is_simple: in all its versions, without a gap, the family asks one thing of one field
with listed as (
    select v.number, k.version, k.part, k.name, k.alternative, max(k.n_clauses) as n_clauses, v.effective_from,
        v.effective_to, min(k.field) as first_field, max(k.field) as last_field,
        dense_rank() over (order by k.part, k.name, cast(k.alternative as varchar)) as family
    from contract.clause as k
    inner join contract.version as v on k.version = v.version
    where k.kind = 'field' and k.part in ('entered_when', 'exit')
    group by v.number, k.version, k.part, k.name, k.alternative, v.effective_from, v.effective_to
)

select
    row_number() over (order by number, part, name, alternative) as alternative_id,
    family,
    version,
    part,
    name,
    alternative,
    n_clauses,
    max(n_clauses) over (partition by family) = 1
        and min(first_field) over (partition by family) = max(last_field) over (partition by family)
        and max(number) over (partition by family) - min(number) over (partition by family) + 1
        = count(*) over (partition by family) as is_simple,
    effective_from,
    effective_to
from listed
