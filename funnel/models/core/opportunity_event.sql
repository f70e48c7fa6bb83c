-- One row per change of an opportunity's stage before as_of.
-- key: source, event_id
-- time: changed_at is a UTC instant, null when the source has no date; amount in the opportunity's currency
select source, event_id, opportunity_id, label, amount, close_on, changed_at, changed_precision, place
from core.opportunity_change
where is_stage_change
