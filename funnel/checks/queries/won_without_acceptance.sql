-- title: Each won passage that was handed over was also accepted
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.handoff
-- why: accepted means that the stage after the hand-off was recorded, not only inferred from a later one
with asked as (
    select h.handoff_id, h.cycle_id, h.stage, n.stage as next_stage
    from marts.handoff as h
    inner join marts.cycle as c on h.cycle_id = c.cycle_id
    inner join contract.stage as s on h.version = s.version and h.stage = s.stage
    inner join contract.stage as n on h.version = n.version and n.position = s.position + 1
    where c.state = 'won'
)

select
    a.handoff_id as row_key,
    'won, but ' || a.next_stage || ' was never recorded after ' || a.stage as detail
from asked as a
left join marts.stage_entry as e on a.cycle_id = e.cycle_id and a.next_stage = e.stage and e.is_observed
where e.cycle_id is null
