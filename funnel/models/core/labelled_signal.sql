-- One row per event that the source itself calls by a label of the contract: a stage entry or an exit.
-- key: source, event_id, part, name
-- time: entered_at is a UTC instant, null when the source has no date; signal_no follows the order of the events' keys
select
    s.source,
    s.event_id,
    k.part,
    k.name,
    row_number() over (order by s.source || ':' || s.event_id, k.part, k.name) as signal_no,
    r.record_no,
    r.person_no,
    s.source || ':' || s.opportunity_id as opportunity_id,
    s.entered_at,
    case when s.entered_at is null then 'unknown' else coalesce(s.entered_precision, 'second') end as precision,
    s.source || ':' || s.user_id as user_id
from staging.stage_event as s
cross join run.context as c
inner join contract.version as v on v.effective_from <= coalesce(s.entered_at, c.as_of)
    and coalesce(s.entered_at, c.as_of) < v.effective_to
inner join contract.clause as k on v.version = k.version and k.kind = 'event'
inner join contract.clause_value as l on k.clause_id = l.clause_id and lower(trim(l.value)) = lower(trim(s.label))
left join core.record as r on s.source = r.source and s.record_id = r.record_id
where s.entered_at is null or s.entered_at < c.as_of
