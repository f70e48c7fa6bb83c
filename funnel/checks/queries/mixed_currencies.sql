-- title: All amounts are in the contract's currency
-- layer: alignment
-- severity: warning
-- owner: operations
-- table: marts.opportunity
-- why: amounts of different currencies are added as they stand
with priced as (
    select opportunity_id as row_key, amount, currency from marts.opportunity
    union all
    select spend_id as row_key, amount, currency from marts.spend
)

select p.row_key, cast(p.amount as varchar) || ' ' || p.currency || ', the contract is in ' || c.currency as detail
from priced as p
cross join run.context as c
where upper(trim(p.currency)) <> upper(c.currency)
