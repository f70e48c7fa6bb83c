-- One row per observed way out of the funnel: what tells of it. core.exit_event has the same; this table stays while the trail of a dispute reads it.
-- key: signal_id
-- time: none; evidence: history, load, stamp or opportunity
select event_id as signal_id, evidence from core.exit_event
