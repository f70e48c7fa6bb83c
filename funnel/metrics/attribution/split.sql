-- One row per rule and line: what is credited to each value, what has no eligible touch, what has no date, and the total.
-- key: rule, line, value
-- time: cents null where no amount is known; n_credit sums the shares of opportunities, known amount or not
with touched as (
    select
        path_id, touch_id,
        case $by when 'channel' then channel when 'campaign' then campaign when 'content' then content end as value
    from eligible
    where is_asked
),

valued as (
    select
        c.rule, 1 as line, t.value,
        cast(sum(c.cents) as bigint) as cents,
        cast(sum(cast(c.share as decimal(38, 12))) as double) as n_credit,
        count(distinct c.path_id) as n_opportunities,
        count(distinct case when p.cents is null then c.path_id end) as n_unknown
    from credit as c
    inner join touched as t on c.path_id = t.path_id and c.touch_id = t.touch_id
    inner join path as p on c.path_id = p.path_id
    group by c.rule, t.value
),

whole as (
    select
        case when p.event_at is null then 3 when e.path_id is null then 2 else 0 end as line, p.cents
    from path as p
    left join (select distinct path_id from touched) as e on p.path_id = e.path_id
    where p.is_asked
),

rest as (
    select
        coalesce(line, 4) as line, cast(sum(cents) as bigint) as cents, count(*) as n,
        count(*) - count(cents) as n_unknown
    from whole
    group by grouping sets ((line), ())
)

select rule, line, value, cents, n_credit, n_opportunities, n_unknown
from valued
union all
select w.rule, r.line, null, r.cents, cast(r.n as double), r.n, r.n_unknown
from rest as r
cross join weight as w
where r.line > 0
