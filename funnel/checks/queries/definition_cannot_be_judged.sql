-- title: Each clause of the definition can be judged
-- layer: alignment
-- severity: info
-- owner: operations
-- table: marts.handoff_clause
select handoff_id || ' ' || clause_id as row_key, field || ' was not known at the hand-off' as detail
from marts.handoff_clause
where passed is null
