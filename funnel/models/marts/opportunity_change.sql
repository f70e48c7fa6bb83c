-- One row per recorded change of an opportunity before as_of: what it changed, from what and to what.
-- key: opportunity_id, place
-- time: changed_at is a UTC instant, changed_on a day of the contract's zone, null when unknown; state is what the stage's label says (open, won, lost), by the labels under which the source holds closed opportunities and no open one
with label as (
    select source, lower(trim(stage)) as label,
        case when max(case when is_won then 1 else 0 end) = 1 then 'won' else 'lost' end as state
    from staging.opportunity
    where stage is not null and not coalesce(is_deleted, false)
    group by source, lower(trim(stage))
    having min(case when is_closed then 1 else 0 end) = 1
        and min(case when is_won then 1 else 0 end) = max(case when is_won then 1 else 0 end)
),

told as (
    select e.*, coalesce(l.state, 'open') as state
    from core.opportunity_change as e
    left join label as l on e.source = l.source and lower(trim(e.label)) = l.label
)

select
    e.opportunity_id, e.place, e.changed_at, e.changed_precision,
    cast(e.changed_at + z.offset_seconds * interval 1 second as date) as changed_on,
    e.label_before as old_stage, e.label as stage,
    lag(e.amount) over (partition by e.opportunity_id order by e.place) as old_amount, e.amount,
    lag(e.close_on) over (partition by e.opportunity_id order by e.place) as old_close_on, e.close_on,
    lag(e.state) over (partition by e.opportunity_id order by e.place) as old_state, e.state
from told as e
inner join core.opportunity as o on e.opportunity_id = o.opportunity_id
left join run.zone_day as z
    on cast(e.changed_at as date) = z.day_on and z.starts_at <= e.changed_at and e.changed_at < z.ends_at
