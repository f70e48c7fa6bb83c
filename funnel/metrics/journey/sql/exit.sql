-- One row per observed way out of the funnel.
select
    subject_id, event_id as event_key, exited_at as happened_at, exited_precision as precision,
    'exit' as source, "exit", reason
from core.exit_event
