-- One row per hand-off of the batch, and until when what happens to its person belongs to it.
select d.*, h.stage, h.from_team, h.to_team, h.evidence, g.title, g.position,
    coalesce(w.next_handed_at, timestamp '9999-12-31 00:00:00') as until_at
from disputed d
join marts.handoff h on h.handoff_id = d.handoff_id
join contract.stage g on g.version = h.version and g.stage = h.stage
left join core.handoff_window w on w.handoff_id = d.handoff_id
