-- One row per event and step that it serves.
create temp table hit as
select e.subject_id, e.pos, e.t, e.twin_before, e.can_start, e.is_over, s.step
from event e
join step s on (e.served & s.bit) <> 0
