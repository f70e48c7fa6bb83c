-- One row per hand-off: the moments that its clocks are read at side by side, in UTC and in working seconds of its calendar.
-- key: handoff_id
-- time: UTC instants and seconds; null where the moment is unknown or has not come
select
    handoff_id,
    max(case when point = 'start' then moment_at end) as start_at,
    max(case when point = 'start_end' then moment_at end) as start_end_at,
    max(case when point = 'touch' then moment_at end) as touch_at,
    max(case when point = 'touch_end' then moment_at end) as touch_end_at,
    max(case when point = 'outcome' then moment_at end) as outcome_at,
    max(case when point = 'outcome_end' then moment_at end) as outcome_end_at,
    max(case when point = 'as_of' then moment_at end) as as_of_at,
    max(case when point = 'start' then working_seconds end) as start_seconds,
    max(case when point = 'start_end' then working_seconds end) as start_end_seconds,
    max(case when point = 'touch' then working_seconds end) as touch_seconds,
    max(case when point = 'touch_end' then working_seconds end) as touch_end_seconds,
    max(case when point = 'outcome' then working_seconds end) as outcome_seconds,
    max(case when point = 'outcome_end' then working_seconds end) as outcome_end_seconds,
    max(case when point = 'as_of' then working_seconds end) as as_of_seconds
from core.handoff_point
group by handoff_id
