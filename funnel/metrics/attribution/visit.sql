-- One row per value: the paths, converted or not, with an eligible touch of it.
-- key: value
-- time: none
select
    case $by when 'channel' then channel when 'campaign' then campaign when 'content' then content end as value,
    count(distinct path_id) as n_paths
from eligible
group by 1
order by 1 nulls last
