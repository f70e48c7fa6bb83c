-- One row per sign that a subject entered a stage or left the funnel; the subject is the person, or the opportunity where no person is known.
-- key: subject_no, kind, own_no, family, judged_at, name
-- time: entered_at is a UTC instant, null when unknown; evidence: history, load, stamp or opportunity; kind is 1 a record's creation, 2 a deal, 3 field values, 4 a label, and own_no counts within it; subject_no is the person_no, below 0 an opportunity
with named as (
    select 1 as kind, r.record_no as own_no, 0 as family, timestamp '1900-01-01 00:00:00' as judged_at, r.record_no,
        r.person_no, cast(null as varchar) as opportunity_id, 'entered_when' as part, k.name,
        r.created_at as entered_at, coalesce(r.created_precision, 'unknown') as precision, 'stamp' as evidence,
        cast(null as varchar) as user_id
    from core.record as r
    cross join run.context as c
    inner join contract.version as v on v.effective_from <= coalesce(r.created_at, c.as_of)
        and coalesce(r.created_at, c.as_of) < v.effective_to
    inner join contract.clause as k on v.version = k.version and k.kind = 'created'
    left join (select distinct person_no from core.record where kind = 'lead') as l on r.person_no = l.person_no
    where r.kind = 'lead' or l.person_no is null
    union all
    select 2, s.signal_no, 0, timestamp '1900-01-01 00:00:00', null, p.person_no, s.opportunity_id, s.part, s.name,
        s.entered_at, s.precision, 'opportunity', null
    from core.opportunity_signal as s
    left join core.opportunity_person as p on s.opportunity_id = p.opportunity_id
    union all
    select 3, record_no, family, judged_at, record_no, person_no, null, part, name, entered_at, entered_precision,
        evidence, null
    from core.attribute_entry
    union all
    select 4, signal_no, 0, timestamp '1900-01-01 00:00:00', record_no, person_no, opportunity_id, part, name,
        entered_at, precision, 'stamp', user_id
    from core.labelled_signal
),

lone as (
    select opportunity_id, row_number() over (order by opportunity_id desc) as number
    from (select distinct opportunity_id from named where person_no is null and opportunity_id is not null) as deal
)

select coalesce(n.person_no, -l.number) as subject_no, n.kind, n.own_no, n.family, n.judged_at, n.record_no,
    n.person_no, n.opportunity_id, n.part, n.name, n.entered_at, n.precision, n.evidence, n.user_id
from named as n
left join lone as l on n.opportunity_id = l.opportunity_id and n.person_no is null
where n.person_no is not null or l.number is not null
