-- title: Each won deal has an amount
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.opportunity
-- needs: opportunity
-- why: a source that gives no amount at all is not held to it
select opportunity_id as row_key, 'won with ' || coalesce('an amount of ' || cast(amount as varchar), 'no amount') as detail
from marts.opportunity
where outcome = 'won' and coalesce(amount, 0) <= 0 and exists (select 1 from marts.opportunity as o where o.amount is not null)
