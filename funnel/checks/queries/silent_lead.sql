-- title: Each lead is decided or shows signs of life
-- layer: alignment
-- severity: info
-- owner: sales
-- table: marts.cycle
-- why: open without any event for the contract's horizon: silence, which is leakage, unlike a reasoned rejection
select cycle_id as row_key, 'open in ' || coalesce(current_stage, 'no stage') || ', nothing recorded for the horizon' as detail
from marts.cycle
where is_stale
