-- title: Few rows of each landed file were rejected
-- layer: landed
-- severity: critical
-- owner: operations
-- table: run.load
-- why: threshold reject_share of the rows in the file
select
    source || ' ' || load_id || ' ' || file as row_key,
    cast(n_rejects as varchar) || ' of ' || cast(n_rows + n_rejects as varchar) || ' rows rejected' as detail
from run.load
where n_rejects > (n_rows + n_rejects) * (select t.value from checks.threshold as t where t.name = 'reject_share')
