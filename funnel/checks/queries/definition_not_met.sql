-- title: Each handed-over lead meets the definition in force
-- layer: alignment
-- severity: warning
-- owner: marketing
-- table: marts.handoff
-- why: one row per hand-off with the clauses it failed; unknown values, and hand-offs at an unknown time, are not held against marketing
select
    h.handoff_id as row_key,
    h.stage || ' under ' || h.version || ' fails: '
    || string_agg(c.words || ' (' || coalesce('was ' || j.value, 'was empty') || ')', '; ' order by c.clause_id) as detail
from marts.handoff as h
inner join marts.handoff_clause as j on h.handoff_id = j.handoff_id and not j.passed
inner join contract.clause as c on j.clause_id = c.clause_id
where not h.met_definition and h.handed_at is not null
group by h.handoff_id, h.stage, h.version
