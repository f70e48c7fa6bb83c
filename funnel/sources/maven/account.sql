-- One row per company; two misspelt words of the source are put right.
-- key: account_id
-- time: none
select
    account as account_id,
    account as name,
    case when sector = 'technolgy' then 'technology' else sector end as industry,
    employees,
    case when office_location = 'Philipines' then 'Philippines' else office_location end as country,
    subsidiary_of as parent_id
from maven.account
