-- One row per sign that a subject entered a stage or left the funnel; the subject is the person, or the opportunity where no person is known.
-- key: signal_id
-- time: entered_at is a UTC instant, null when unknown; evidence: history, load, stamp or opportunity
with created_stage as (
    select r.record_key, r.person_id, r.created_at, r.created_precision, k.name
    from core.record as r
    cross join run.context as c
    inner join contract.version as v on v.effective_from <= coalesce(r.created_at, c.as_of)
        and coalesce(r.created_at, c.as_of) < v.effective_to
    inner join contract.clause as k on v.version = k.version and k.kind = 'created'
    left join (select person_id,
        count(*) as n_leads from core.record where kind = 'lead' group by person_id) as l on r.person_id = l.person_id
    where r.kind = 'lead' or l.person_id is null
),

named as (
    select 'created ' || record_key || ' ' || name as signal_id, person_id, cast(null as varchar) as opportunity_id,
        record_key, 'entered_when' as part, name,
        created_at as entered_at, coalesce(created_precision, 'unknown') as precision, 'stamp' as evidence,
        cast(null as varchar) as user_id
    from created_stage
    union all
    select 'field ' || record_key || ' ' || part || ' ' || name || ' ' || cast(alternative as varchar) || ' ' || cast(judged_at as varchar) as signal_id,
        person_id, null as opportunity_id, record_key, part, name, entered_at, entered_precision as precision,
        evidence, null as user_id
    from core.attribute_entry
    union all
    select 'label ' || source || ':' || event_id || ' ' || part || ' ' || name as signal_id, person_id,
        opportunity_id, record_key, part, name,
        entered_at, precision, 'stamp' as evidence, user_id
    from core.labelled_signal
    union all
    select 'deal ' || s.opportunity_id || ' ' || coalesce(p.person_id,
        '') || ' ' || s.part || ' ' || s.name || ' ' || s.signal_id as signal_id,
        p.person_id, s.opportunity_id, null as record_key, s.part, s.name, s.entered_at, s.precision,
        'opportunity' as evidence, null as user_id
    from core.opportunity_signal as s
    left join core.opportunity_person as p on s.opportunity_id = p.opportunity_id
)

select n.signal_id, coalesce(n.person_id, n.opportunity_id) as subject_id, n.person_id, n.opportunity_id,
    n.record_key, n.part, n.name, n.entered_at,
    n.precision, n.evidence, n.user_id
from named as n
where coalesce(n.person_id, n.opportunity_id) is not null
