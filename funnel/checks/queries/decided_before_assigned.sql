-- title: No lead is decided before it was assigned to the one who decides
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.handoff
-- needs: assignment
select
    handoff_id as row_key,
    outcome || ' ' || cast(outcome_at as varchar) || ', assigned ' || cast(assigned_at as varchar) as detail
from marts.handoff
where
    outcome in ('accepted', 'rejected', 'recycled')
    and case when outcome_precision = 'day' then outcome_at + interval 1 day <= assigned_at else outcome_at < assigned_at end
