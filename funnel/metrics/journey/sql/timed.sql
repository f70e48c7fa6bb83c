-- One row per event with its place in time, t. Instants count in microseconds. A person with an event known
-- only to the day is compared by days throughout, in local days: a mixed order would not be one order.
with chosen as (
    select * from flagged
    where happened_at is not null
        and coalesce(precision, 'second') <> 'unknown'
        and (cast($keeps_all as boolean) or served > 0 or barred > 0)
),
by_day as (
    select distinct subject_id from chosen where precision = 'day'
)
select c.*, epoch_us(c.happened_at) as t, false as is_by_day
from chosen c
anti join by_day d on d.subject_id = c.subject_id
union all
select
    c.*,
    epoch_us(date_trunc('day', c.happened_at + to_seconds(coalesce(z.offset_seconds, 0)))) as t,
    true as is_by_day
from chosen c
join by_day d on d.subject_id = c.subject_id
left join run.zone_offset z on z.starts_at <= c.happened_at and c.happened_at < z.ends_at
