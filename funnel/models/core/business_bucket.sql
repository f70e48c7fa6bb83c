-- One row per calendar, eight hours of accumulated working time, and working interval that holds some of them: to find a deadline by its working seconds.
-- key: version, calendar, bucket, starts_at
-- time: UTC instants; seconds_before and seconds_until bound the interval in working seconds
with sized as (
    select b.*, b.seconds_before + date_diff('second', b.starts_at, b.ends_at) as seconds_until
    from contract.business_hour as b
),

step as (
    select 0 as n union all select 1 as n union all select 2 as n union all select 3 as n
)

select s.version, s.calendar, cast(floor(s.seconds_before / 28800.0) as bigint) + p.n as bucket, s.starts_at,
    s.ends_at, s.seconds_before, s.seconds_until
from sized as s
inner join step as p on cast(floor(s.seconds_before / 28800.0) as bigint) + p.n <= cast(floor((s.seconds_until - 1) / 28800.0) as bigint)
