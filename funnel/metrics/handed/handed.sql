-- One row per hand-off of known time into $stage, with the source of its record.
select h.*, split_part(coalesce(h.record_key, h.person_id, h.cycle_id), ':', 1) as source
from marts.handoff h
where h.stage = $stage and h.handed_at is not null
