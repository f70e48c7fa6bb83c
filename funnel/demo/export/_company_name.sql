-- One row per company: its ids as an account, how it is written, and its domain (all under .example, which nobody can register).
-- key: company
-- time: none
select
    company,
    id15('001', company) as id15,
    id18('001', company) as id18,
    stem || ' ' || upper(substr(tail, 1, 1)) || substr(tail, 2) as short_name,
    stem || ' ' || upper(substr(tail, 1, 1)) || substr(tail, 2) || ' ' || form as name,
    latin_stem || '-' || latin_tail || case when namesake > 0 then cast(namesake + 1 as varchar) else '' end
        || '.example' as domain,
    industry_name,
    country_name,
    region_name,
    employees
from company
