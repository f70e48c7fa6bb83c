-- One row per event with its place in time, t: the number that was given.
select *, cast(happened_at as bigint) as t, false as is_by_day
from flagged
where happened_at is not null and (cast($keeps_all as boolean) or served > 0 or barred > 0)
