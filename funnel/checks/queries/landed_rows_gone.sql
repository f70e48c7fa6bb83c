-- title: Few rows are gone from the last full export of each table
-- layer: landed
-- severity: warning
-- owner: operations
-- table: run.load
-- why: threshold gone_share of the rows that were there before; a purge looks the same as a broken export
with loaded as (
    select source, table_name, load_id, max(observed_at) as observed_at, sum(n_rows) as n_rows, sum(n_tombstones) as n_gone
    from run.load
    group by source, table_name, load_id
),

placed as (
    select *, row_number() over (partition by source, table_name order by observed_at desc, load_id desc) as from_last
    from loaded
)

select
    source || '.' || table_name || ' ' || load_id as row_key,
    cast(n_gone as varchar) || ' rows gone, ' || cast(n_rows as varchar) || ' left' as detail
from placed
where from_last = 1 and n_gone > (n_gone + n_rows) * (select t.value from checks.threshold as t where t.name = 'gone_share')
