-- title: Few rows of each landed table were rejected
-- layer: landed
-- severity: critical
-- owner: operations
-- table: run.load
-- why: max_reject_share of the source.yaml, else threshold reject_share, of all rows in the files
with allowed as (
    select
        l.source, l.load_id, l.table_name, l.n_rejects, l.n_rows,
        coalesce(
            (select t.value from checks.threshold as t where t.name = 'reject_share ' || l.source),
            (select t.value from checks.threshold as t where t.name = 'reject_share')
        ) as share
    from run.load as l
)

select
    source || '.' || table_name || ' ' || load_id as row_key,
    cast(n_rejects as varchar) || ' of ' || cast(n_rows as varchar) || ' rows rejected' as detail
from allowed
where n_rejects > n_rows * share
