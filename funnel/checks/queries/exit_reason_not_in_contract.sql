-- title: Each reason for a rejection or recycling is one that the contract lists for it
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.cycle
-- needs: person
-- why: a version that lists no reasons for an exit leaves them free
with stated as (
    select c.cycle_id, c.exit, trim(c.exit_reason) as reason, v.version
    from marts.cycle as c
    cross join run.context as n
    inner join contract.version as v
        on v.effective_from <= coalesce(c.exit_at, n.as_of) and coalesce(c.exit_at, n.as_of) < v.effective_to
    where c.exit in ('rejected', 'recycled') and trim(c.exit_reason) <> ''
)

select
    s.cycle_id as row_key,
    s.exit || ' as ''' || s.reason || ''', which version ' || s.version
    || coalesce(' lists under ' || other.exit, ' does not list') as detail
from stated as s
left join contract.reason as own
    on s.version = own.version and s.exit = own.exit and lower(s.reason) = lower(trim(own.reason))
left join contract.reason as other
    on s.version = other.version and s.exit <> other.exit and lower(s.reason) = lower(trim(other.reason))
where own.reason is null and exists (select 1 from contract.reason as r where r.version = s.version and r.exit = s.exit)
