-- title: Each rejected or recycled lead has a reason
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.cycle
-- needs: person
select
    cycle_id as row_key,
    exit || ' ' || coalesce(cast(exit_at as varchar), 'at an unknown time') || ' without a reason' as detail
from marts.cycle
where exit in ('rejected', 'recycled') and coalesce(trim(exit_reason), '') = ''
