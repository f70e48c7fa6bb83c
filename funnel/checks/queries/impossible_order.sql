-- title: Each passage enters its stages in an order that can have happened
-- layer: alignment
-- severity: warning
-- owner: operations
-- table: marts.stage_entry
-- why: such entries count in the funnel and stay out of every duration
select
    cycle_id || ' ' || stage as row_key,
    stage || ' entered ' || cast(entered_at as varchar) || ', before an earlier stage' as detail
from marts.stage_entry
where is_impossible
