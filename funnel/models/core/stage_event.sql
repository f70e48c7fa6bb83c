-- One row per observed entry of a subject into a stage; every visit is kept, also backward ones.
-- key: event_id
-- time: entered_at is a UTC instant, null when unknown; is_impossible: before the cycle's first stage, or a deal closed before it was created
with entry as (
    select p.*,
        max(p.position) over (partition by p.cycle_no order by p.place rows between unbounded preceding and 1 preceding) as furthest_before
    from core.passage as p
    where p.part = 'entered_when'
),

begun as (
    select cycle_no, min(position) as first_position,
        arg_min(entered_at, position * 4294967296 + place) as first_at,
        arg_min(precision, position * 4294967296 + place) as first_precision
    from entry
    where entered_at is not null
    group by cycle_no
),

-- the texts come last: what is sorted and joined before are numbers
keyed as (
    select e.*, r.record_key, w.record_key as person_id, coalesce(w.record_key, e.opportunity_id) as subject_id,
        case e.kind
            when 1 then 'created ' || r.record_key || ' ' || e.name
            when 2 then 'deal ' || e.opportunity_id || ' ' || coalesce(w.record_key, '') || ' entered_when ' || e.name || ' ' || d.signal_id
            when 3 then 'field ' || r.record_key || ' entered_when ' || e.name || ' ' || t.alternative || ' ' || cast(e.judged_at as varchar)
            else 'label ' || l.source || ':' || l.event_id || ' entered_when ' || e.name
        end as event_id
    from entry as e
    left join core.record as r on e.record_no = r.record_no
    left join core.record as w on e.person_no = w.record_no
    left join core.opportunity_signal as d on e.kind = 2 and e.own_no = d.signal_no
    left join (select distinct family, cast(alternative as varchar) as alternative from core.alternative) as t on e.family = t.family
    left join core.labelled_signal as l on e.kind = 4 and e.own_no = l.signal_no
)

select
    e.event_id, e.subject_id, e.person_id, e.opportunity_id, e.record_key,
    e.subject_id || '#' || cast(e.pass as varchar) as cycle_id, e.pass, e.name as stage, e.position, e.entered_at,
    e.precision as entered_precision, e.evidence, e.place,
    coalesce(e.position < e.furthest_before, false) as is_backward,
    coalesce(
        e.position > b.first_position
        and case when e.precision = 'day' and b.first_precision <> 'day'
            then e.entered_at + interval 1 day <= b.first_at else e.entered_at < b.first_at end,
        false
    ) or coalesce(
        e.evidence = 'opportunity' and o.outcome = 'won' and e.entered_at = o.closed_at
        and case when o.closed_precision = 'day' and o.created_precision <> 'day'
            then o.closed_at + interval 1 day <= o.created_at else o.closed_at < o.created_at end,
        false
    ) as is_impossible,
    e.cycle_no, e.record_no
from keyed as e
left join begun as b on e.cycle_no = b.cycle_no
left join core.opportunity as o on e.opportunity_id = o.opportunity_id
