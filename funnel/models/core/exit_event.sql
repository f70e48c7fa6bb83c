-- One row per observed way out of the funnel: rejected, recycled or lost; won is the entry into the last stage.
-- key: event_id
-- time: exited_at is a UTC instant, null when unknown; reason is the value that held a minute after, or of the lost deal
with keyed as (
    select p.*, r.record_key, w.record_key as person_id, coalesce(w.record_key, p.opportunity_id) as subject_id,
        least(p.entered_at + interval 1 minute, c.as_of - interval 1 second) as told_at,
        case p.kind
            when 2 then 'deal ' || p.opportunity_id || ' ' || coalesce(w.record_key, '') || ' exit ' || p.name || ' ' || d.signal_id
            when 3 then 'field ' || r.record_key || ' exit ' || p.name || ' ' || t.alternative || ' ' || cast(p.judged_at as varchar)
            else 'label ' || l.source || ':' || l.event_id || ' exit ' || p.name
        end as event_id
    from core.passage as p
    cross join run.context as c
    left join core.record as r on p.record_no = r.record_no
    left join core.record as w on p.person_no = w.record_no
    left join core.opportunity_signal as d on p.kind = 2 and p.own_no = d.signal_no
    left join (select distinct family, cast(alternative as varchar) as alternative from core.alternative) as t on p.family = t.family
    left join core.labelled_signal as l on p.kind = 4 and p.own_no = l.signal_no
    where p.part = 'exit'
)

select
    p.event_id, p.subject_id, p.person_id, p.opportunity_id, p.record_key,
    p.subject_id || '#' || cast(p.pass as varchar) as cycle_id, p.name as exit,
    coalesce(a.value, o.loss_reason) as reason, p.entered_at as exited_at, p.precision as exited_precision,
    p.user_id, p.place, p.cycle_no, p.evidence
from keyed as p
left join core.attribute as a
    on p.record_no = a.record_no and a.field = 'reason' and a.valid_from <= p.told_at and p.told_at < a.valid_to
left join core.opportunity as o on p.opportunity_id = o.opportunity_id and p.evidence = 'opportunity'
