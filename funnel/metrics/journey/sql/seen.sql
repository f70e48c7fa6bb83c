-- One row: the end of what was recorded. As term.context has it for stages, with touches and activities too:
-- as_of, or the last record if there is none at all in the last days before as_of; and its local day.
with record as (
    select cast($seen_until as timestamp) as last_at
    union all
    select max(touched_at + to_days(case when touched_precision = 'day' then 1 else 0 end)) from core.touch
    union all
    select max(happened_at + to_days(case when happened_precision = 'day' then 1 else 0 end)) from core.activity
),
known as (
    select least(max(r.last_at), c.as_of) as last_at, c.as_of
    from record r
    cross join run.context c
    group by c.as_of
),
seen as (
    select case when last_at + to_days($silent_days) < as_of then last_at else as_of end as until_at
    from known
)
select s.until_at, date_trunc('day', s.until_at + to_seconds(coalesce(z.offset_seconds, 0))) as until_on
from seen s
left join run.zone_offset z on z.starts_at <= s.until_at and s.until_at < z.ends_at
