-- One row per event of a lead of the batch from its hand-off to the person's next one (or as_of), in order.
-- Times: naive UTC; a clock stands at its deadline.
with event as (
    select * from trail_work
    union all
    select * from trail_course
)

select
    e.handoff_id,
    row_number() over (
        partition by e.handoff_id order by e.happened_at nulls last, e.rank, e.what, e.who_id nulls last
    ) as place,
    e.happened_at as at_instant, e.precision, e.kind,
    case when e.what = '' then e.kind else upper(left(e.what, 1)) || substr(e.what, 2) end as what,
    coalesce(r.name, e.who_id) as who,
    case e.evidence when 'history' then 'field history' when 'opportunity' then 'stamp' else e.evidence end as evidence
from event e
left join core.rep r on r.rep_id = e.who_id
order by e.handoff_id, place
