-- One row per step of the paths from one value to the next: how many paths took it, and what they brought in cents; start and the two ends are null.
-- key: is_start, is_end, ends, from_value, to_value
-- time: touches in order of time, equal instants in order of their value; repeats of a value are kept
with placed as (
    select
        e.path_id, p.is_asked, p.cents,
        case $by when 'channel' then e.channel when 'campaign' then e.campaign when 'content' then e.content end as value,
        e.touched_at, e.touch_id
    from eligible as e
    inner join path as p on e.path_id = p.path_id
),

stepped as (
    select
        path_id, is_asked, cents, value,
        row_number() over following = 1 as is_first,
        lead(touch_id) over following is null as is_last,
        lead(value) over following as next_value
    from placed
    window following as (partition by path_id order by touched_at, value nulls last, touch_id)
)

select true as is_start, false as is_end, false as is_won, null as from_value, value as to_value, count(*) as n,
    cast(0 as bigint) as cents
from stepped
where is_first
group by value
union all
select false, is_last, is_last and is_asked, value, case when is_last then null else next_value end, count(*),
    cast(coalesce(sum(case when is_last and is_asked then cents end), 0) as bigint)
from stepped
group by is_last, is_asked, value, next_value
order by 1, 2, 3, 4 nulls last, 5 nulls last
