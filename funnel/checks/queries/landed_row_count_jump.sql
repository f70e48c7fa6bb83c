-- title: The last load of each table is about as large as the one before
-- layer: landed
-- severity: warning
-- owner: operations
-- table: run.load
-- why: thresholds row_count_ratio and row_count_least; only the last load of a table is judged
with loaded as (
    select source, table_name, load_id, max(observed_at) as observed_at, sum(n_rows) as n_rows
    from run.load
    group by source, table_name, load_id
),

placed as (
    select
        *,
        lag(n_rows) over (partition by source, table_name order by observed_at, load_id) as n_before,
        row_number() over (partition by source, table_name order by observed_at desc, load_id desc) as from_last
    from loaded
),

threshold as (
    select
        max(case when name = 'row_count_ratio' then value end) as ratio,
        max(case when name = 'row_count_least' then value end) as n_least
    from checks.threshold
)

select
    p.source || '.' || p.table_name || ' ' || p.load_id as row_key,
    cast(p.n_rows as varchar) || ' rows, ' || cast(p.n_before as varchar) || ' in the load before' as detail
from placed as p
cross join threshold as t
where
    p.from_last = 1 and greatest(p.n_rows, p.n_before) >= t.n_least
    and (p.n_rows > t.ratio * p.n_before or p.n_before > t.ratio * p.n_rows)
