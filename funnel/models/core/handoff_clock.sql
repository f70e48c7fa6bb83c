-- One row per hand-off: what its clocks show at the moments that count, side by side; _end where a moment is known to the day.
-- key: handoff_id
-- time: _at UTC instants; _working and _elapsed are seconds without pauses; null where the moment is unknown or has not come
with pivoted as (
    select
        handoff_id,
        max(case when point = 'engaged' then working_seconds end) as engaged_working,
        max(case when point = 'engaged' then elapsed_seconds end) as engaged_elapsed,
        max(case when point = 'handed' then working_seconds end) as handed_working,
        max(case when point = 'handed' then elapsed_seconds end) as handed_elapsed,
        max(case when point = 'start' then moment_at end) as start_at,
        max(case when point = 'start' then working_seconds end) as start_working,
        max(case when point = 'start' then elapsed_seconds end) as start_elapsed,
        max(case when point = 'start end' then working_seconds end) as start_end_working,
        max(case when point = 'start end' then elapsed_seconds end) as start_end_elapsed,
        max(case when point = 'touch' then moment_at end) as touch_at,
        max(case when point = 'touch' then working_seconds end) as touch_working,
        max(case when point = 'touch' then elapsed_seconds end) as touch_elapsed,
        max(case when point = 'touch end' then working_seconds end) as touch_end_working,
        max(case when point = 'touch end' then elapsed_seconds end) as touch_end_elapsed,
        max(case when point = 'outcome' then moment_at end) as outcome_at,
        max(case when point in ('outcome', 'outcome end') then moment_at end) as outcome_end_at,
        max(case when point = 'outcome' then working_seconds end) as outcome_working,
        max(case when point = 'outcome' then elapsed_seconds end) as outcome_elapsed,
        max(case when point = 'outcome end' then working_seconds end) as outcome_end_working,
        max(case when point = 'outcome end' then elapsed_seconds end) as outcome_end_elapsed,
        max(case when point = 'as_of' then working_seconds end) as as_of_working,
        max(case when point = 'as_of' then elapsed_seconds end) as as_of_elapsed
    from core.handoff_point
    group by handoff_id
)

select
    p.handoff_id, p.engaged_working, p.engaged_elapsed, p.handed_working, p.handed_elapsed,
    p.start_at, p.start_working, p.start_elapsed, p.start_end_elapsed is null as is_start_exact,
    coalesce(p.start_end_working, p.start_working) as start_end_working,
    coalesce(p.start_end_elapsed, p.start_elapsed) as start_end_elapsed,
    p.touch_at, p.touch_working, p.touch_elapsed, p.touch_end_elapsed is null as is_touch_exact,
    coalesce(p.touch_end_working, p.touch_working) as touch_end_working,
    coalesce(p.touch_end_elapsed, p.touch_elapsed) as touch_end_elapsed,
    p.outcome_at, p.outcome_end_at, p.outcome_working, p.outcome_elapsed,
    coalesce(p.outcome_end_working, p.outcome_working) as outcome_end_working,
    coalesce(p.outcome_end_elapsed, p.outcome_elapsed) as outcome_end_elapsed,
    p.as_of_working, p.as_of_elapsed
from pivoted as p
