-- One row per observed entry of a subject into a stage; every visit is kept, also backward ones.
-- key: event_id
-- time: entered_at is a UTC instant, null when unknown; is_impossible: before the cycle's first stage, or a deal closed before it was created
with entry as (
    select p.*,
        max(p.position)
            over (partition by p.cycle_id order by p.place rows between unbounded preceding
                and 1 preceding) as furthest_before
    from core.placed_passage as p
    where p.part = 'entered_when'
),

begun as (
    select
        cycle_id,
        arg_min(position, place) as first_position,
        arg_min(entered_at, place) as first_at,
        arg_min(precision, place) as first_precision
    from (
        select e.*, row_number() over (partition by e.cycle_id order by e.position, e.place) as by_position
        from entry as e
        where e.entered_at is not null
    ) as timed
    where by_position = 1
    group by cycle_id
)

select
    e.signal_id as event_id,
    e.subject_id,
    e.person_id,
    e.opportunity_id,
    e.record_key,
    e.cycle_id,
    e.pass,
    e.name as stage,
    e.position,
    e.entered_at,
    e.precision as entered_precision,
    e.evidence,
    e.place,
    coalesce(e.position < e.furthest_before, false) as is_backward,
    coalesce(
        e.position > b.first_position
        and case when e.precision = 'day'
            and b.first_precision <> 'day' then e.entered_at + interval 1 day <= b.first_at
                else e.entered_at < b.first_at end,
        false
    ) or coalesce(
        e.evidence = 'opportunity' and o.outcome = 'won' and e.entered_at = o.closed_at
        and case
            when o.closed_precision = 'day'
                and o.created_precision <> 'day' then o.closed_at + interval 1 day <= o.created_at
                    else o.closed_at < o.created_at
        end,
        false
    ) as is_impossible
from entry as e
left join begun as b on e.cycle_id = b.cycle_id
left join core.opportunity as o on e.opportunity_id = o.opportunity_id
