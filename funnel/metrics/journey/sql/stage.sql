-- One row per observed visit to a stage, impossible ones left out: their time cannot be true.
select
    subject_id, event_id as event_key, entered_at as happened_at, entered_precision as precision,
    'stage' as source, stage, evidence, is_backward
from core.stage_event
where not is_impossible
