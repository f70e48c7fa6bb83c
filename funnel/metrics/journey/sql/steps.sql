-- One row per value and step, largest value first: how many came that far, who did not, how long it took.
with gone as (
    select
        c.value, s.step, c.is_over, c.is_by_day, c.level >= s.step as is_here,
        case when c.level >= s.step then c.times[s.step] - c.times[s.step - 1] end as length,
        case when c.level >= s.step and s.step > 1 then c.times[s.step] - c.times[1] end as age
    from counted c
    join step s on s.step <= c.level + 1
),
tally as (
    select
        value, step,
        count(*) filter (where is_here) as n,
        count(*) filter (where not is_here and is_over) as n_dropped,
        count(*) filter (where not is_here and not is_over) as n_open,
        count(*) filter (where is_here and is_by_day) as n_by_day,
        sum(length) / nullif(count(length), 0) / $unit as average_seconds,
        quantile_cont(length, 0.5) / $unit as median_seconds,
        list(length order by length) filter (where length is not null) as lengths,
        quantile_cont(age, 0.5) / $unit as median_seconds_from_start
    from gone
    group by value, step
),
kind as (
    select value, count(*) as n_value, bool_and(is_over) as is_mature from counted group by value
    union all
    select null, 0, true where not cast($is_split as boolean) and not exists (select * from counted)
)
select
    k.value, s.step, s.title, k.is_mature, t.* exclude (value, step, lengths),
    t.lengths[cast(round(len(t.lengths) / 2 - 0.98 * sqrt(len(t.lengths))) as bigint)] / $unit as median_low,
    t.lengths[cast(round(1 + len(t.lengths) / 2 + 0.98 * sqrt(len(t.lengths))) as bigint)] / $unit as median_high
from kind k
cross join step s
left join tally t on t.value is not distinct from k.value and t.step = s.step
order by k.n_value desc, k.value nulls last, s.step
