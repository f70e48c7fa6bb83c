-- One row per observed way out of the funnel: rejected, recycled or lost; won is the entry into the last stage.
-- key: event_id
-- time: exited_at is a UTC instant, null when unknown; reason is the value that held a minute after, or of the lost deal
select
    p.signal_id as event_id,
    p.subject_id,
    p.person_id,
    p.opportunity_id,
    p.record_key,
    p.cycle_id,
    p.name as exit,
    coalesce(a.value, o.loss_reason) as reason,
    p.entered_at as exited_at,
    p.precision as exited_precision,
    p.user_id,
    p.place
from core.placed_passage as p
cross join run.context as c
left join core.attribute as a
    on p.record_key = a.record_key
    and a.field = 'reason'
    and a.valid_from <= least(p.entered_at + interval 1 minute, c.as_of - interval 1 second)
    and least(p.entered_at + interval 1 minute, c.as_of - interval 1 second) < a.valid_to
left join core.opportunity as o on p.opportunity_id = o.opportunity_id and p.evidence = 'opportunity'
where p.part = 'exit'
