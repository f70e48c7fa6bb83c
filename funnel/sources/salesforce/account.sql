-- One row per account; the domain is that of its website, without www.
-- key: account_id
-- time: created_at is a UTC instant, null where the export has none
select
    id as account_id,
    name,
    nullif(regexp_extract(lower(website), '^(https?://)?(www[.])?([^/?#: ]+)', 3), '') as domain,
    industry,
    number_of_employees as employees,
    coalesce(billing_country, billing_country_code) as country,
    region_c as region,
    parent_id,
    master_record_id as merged_into_id,
    created_date as created_at
from salesforce.account
