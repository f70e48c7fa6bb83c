-- One row per passage that entered the stage in the span: whether it met the definition, and is owned by the receivers.
with given as (
    select cast($start_on as date) as start_on, cast($end_on as date) as end_on
),

entry as (
    select
        e.subject_id, e.cycle_id, e.entered_at, e.is_observed, h.met_definition, h.owner_id,
        row_number() over (
            partition by e.subject_id, e.is_observed order by e.entered_at, e.cycle_id
        ) as place
    from marts.stage_entry e
    left join marts.handoff h on h.cycle_id = e.cycle_id and h.stage = e.stage
    cross join given g
    where e.stage = $stage and e.entered_on >= g.start_on and e.entered_on < g.end_on
),

passage as (
    select
        e.*,
        case when e.is_observed and e.place = 1 then coalesce(p.unit_id, e.subject_id) else e.cycle_id end as unit_id
    from entry e
    left join person p on p.subject_id = e.subject_id
)

select
    *,
    coalesce(met_definition, true) as is_defined,
    coalesce(met_definition, true) and (owner_id is not null or not cast($is_owned as boolean)) as is_taken
from passage
