-- One row per calendar, UTC day and working interval that is the latest begun at some moment of that day.
-- key: version, calendar, day_on, starts_at
-- time: UTC instants, half-open [starts_at, next_starts_at); seconds_before are working seconds before starts_at
select b.version, b.calendar, d.day_on, b.starts_at, b.ends_at, b.next_starts_at, b.seconds_before
from contract.business_hour as b
inner join run.day as d on b.starts_at < d.ends_at and d.starts_at < b.next_starts_at
