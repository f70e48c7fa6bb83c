-- title: No task is completed before its lead was assigned to the rep who did it
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: core.activity
-- needs: activity, assignment
-- why: work logged before it was owed is no answer to the hand-off; a day-precise time counts only when its whole day was before
with assigned as (
    select
        person_id, owner_id, min(assigned_at) as assigned_at, arg_min(assigned_precision, assigned_at) as assigned_precision
    from core.assignment
    group by person_id, owner_id
)

select
    a.activity_id as row_key,
    a.kind || ' done ' || cast(a.happened_at as varchar) || ', assigned ' || cast(s.assigned_at as varchar) as detail
from core.activity as a
inner join assigned as s on a.person_id = s.person_id and a.rep_id = s.owner_id
where
    a.is_done and not a.is_automated
    and case
        when a.happened_precision = 'day' and s.assigned_precision <> 'day' then a.happened_at + interval 1 day <= s.assigned_at
        else a.happened_at < s.assigned_at
    end
