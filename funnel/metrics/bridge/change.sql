-- One row per change of an opportunity, and whether its source keeps a history of amounts.
-- an amount that is told only with the closing is no history of amounts
select *, coalesce(changed_on, date '0001-01-01') as day_on,
    count(amount) over (partition by opportunity_id) > 0
        and count(case when state = 'open' then amount end)
            over (partition by split_part(opportunity_id, ':', 1)) > 0 as has_amounts
from marts.opportunity_change
