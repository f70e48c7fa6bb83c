-- title: No stage is entered before the record was created
-- layer: alignment
-- severity: warning
-- owner: operations
-- table: core.stage_event
-- why: a time known to the day may be any time of that day, so only an earlier day counts against it
with dated as (
    select
        e.event_id, e.stage, e.entered_at, e.entered_precision,
        coalesce(p.created_at, o.created_at) as created_at,
        case when p.created_at is not null then p.created_precision else o.created_precision end as created_precision
    from core.stage_event as e
    left join core.person as p on e.person_id = p.person_id
    left join core.opportunity as o on e.opportunity_id = o.opportunity_id and e.person_id is null
)

select
    event_id as row_key,
    stage || ' entered ' || cast(entered_at as varchar) || ', created ' || cast(created_at as varchar) as detail
from dated
where
    case
        when entered_precision = 'day' and created_precision <> 'day' then entered_at + interval 1 day <= created_at
        else entered_at < created_at
    end
