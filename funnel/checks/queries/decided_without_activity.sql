-- title: Each lead that was turned down had been worked
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.handoff
-- needs: activity
-- why: human touches between hand-off and decision; a refusal needs one, an acceptance does not; an undated hand-off is not judged
select
    handoff_id as row_key,
    outcome || coalesce(' as ''' || outcome_reason || '''', '') || ' without one human touch since the hand-off' as detail
from marts.handoff
where outcome in ('rejected', 'recycled') and n_attempts = 0 and handed_at is not null
