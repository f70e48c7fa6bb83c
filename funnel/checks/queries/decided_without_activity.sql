-- title: Each lead that was turned down had been worked
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.handoff
-- needs: activity
-- why: counts human touches between hand-off and decision; an acceptance may come before the first touch, a refusal may not
select
    handoff_id as row_key,
    outcome || coalesce(' as ''' || outcome_reason || '''', '') || ' without one human touch since the hand-off' as detail
from marts.handoff
where outcome in ('rejected', 'recycled') and n_attempts = 0
