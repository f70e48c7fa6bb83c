-- One row per sales activity that happened.
select
    person_id as subject_id, activity_id as event_key, happened_at, happened_precision as precision,
    'activity' as source, kind, direction, outcome, is_human_touch, is_automated
from core.activity
where person_id is not null
