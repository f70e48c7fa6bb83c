-- One row per event of one family: its day, whether it is a hit, its amount, and the dimensions asked for.
select started_on as day_on, 1 as hit, null as amount, null as currency, split_into($by, c)
from marts.cycle c
where $family = 'leads' and c.person_id is not null
union all
select e.entered_on, 1, null, null, split_into($by, c)
from marts.stage_entry e
join marts.cycle c on c.cycle_id = e.cycle_id
where $family = 'entries' and e.stage = $stage
union all
select h.handed_on, 1, null, null, split_into($by, h)
from marts.handoff h
where $family = 'hand_offs'
union all
select h.handed_on, case when h.outcome = 'accepted' then 1 else 0 end, null, null, split_into($by, h)
from marts.handoff h
where $family = 'acceptance_rate' and h.outcome <> 'open'
union all
select o.closed_on, case when o.outcome = 'won' then 1 else 0 end, null, null, split_into($by, o)
from marts.opportunity o
where $family = 'win_rate' and o.outcome in ('won', 'lost')
union all
select o.created_on, 1, o.amount, o.currency, split_into($by, o)
from marts.opportunity o
where $family = 'pipeline_amount'
union all
select o.closed_on, 1, o.amount, o.currency, split_into($by, o)
from marts.opportunity o
where $family = 'won_amount' and o.outcome = 'won'
