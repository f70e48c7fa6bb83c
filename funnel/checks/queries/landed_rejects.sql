-- title: Every row of the landed files could be read
-- layer: landed
-- severity: warning
-- owner: operations
-- table: run.load
select
    source || ' ' || file || ':' || coalesce(cast(line as varchar), '?') as row_key,
    reason || coalesce(': ' || left(raw, 200), '') as detail
from run.reject
