-- One row per opportunity and stage or exit of the contract that it reached, and when: by its creation, its closing or a label of its own.
-- key: opportunity_id, part, name, signal_id
-- time: entered_at is a UTC instant, null when the source has no date
with moved as (
    select
        o.opportunity_id, 'opportunity' as kind, 'created' as label, o.created_at as entered_at,
        o.created_precision as precision, 'created' as signal_id
    from core.opportunity as o
    where not o.is_created_closed
    union all
    select o.opportunity_id, 'opportunity' as kind, 'won' as label, o.closed_at as entered_at,
        o.closed_precision as precision, 'won' as signal_id
    from core.opportunity as o
    where o.outcome = 'won'
    union all
    select
        e.opportunity_id, 'opportunity_stage' as kind, e.label, e.changed_at as entered_at,
        e.changed_precision as precision, 'event ' || e.event_id as signal_id
    from core.opportunity_event as e
    inner join core.opportunity as o on e.opportunity_id = o.opportunity_id
    union all
    select
        o.opportunity_id, 'opportunity_stage' as kind, o.stage as label, cast(null as timestamp) as entered_at,
        'unknown' as precision, 'stage' as signal_id
    from core.opportunity as o
    left join (select distinct opportunity_id from core.opportunity_event) as e on o.opportunity_id = e.opportunity_id
    where e.opportunity_id is null
),

lost as (
    select o.opportunity_id, 'exit' as part, 'lost' as name, o.closed_at as entered_at,
        o.closed_precision as precision, 'lost' as signal_id
    from core.opportunity as o
    where o.outcome = 'lost'
),

reached as (
    select m.opportunity_id, k.part, k.name, m.entered_at, coalesce(m.precision, 'unknown') as precision, m.signal_id
    from moved as m
    cross join run.context as c
    inner join contract.version as v on v.effective_from <= coalesce(m.entered_at, c.as_of)
        and coalesce(m.entered_at, c.as_of) < v.effective_to
    inner join contract.clause as k on v.version = k.version and m.kind = k.kind and k.part in ('entered_when', 'exit')
    inner join contract.clause_value as l on k.clause_id = l.clause_id and lower(trim(l.value)) = lower(trim(m.label))
    union all
    select opportunity_id, part, name, entered_at, coalesce(precision, 'unknown') as precision, signal_id from lost
)

select r.*, row_number() over (order by r.opportunity_id, r.part, r.name, r.signal_id) as signal_no
from reached as r
