-- title: No deal is closed before it was created
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: core.opportunity
-- needs: opportunity
-- why: a time known to the day may be any time of that day, so only an earlier day counts against it
select
    opportunity_id as row_key,
    outcome || ' ' || cast(closed_at as varchar) || ', created ' || cast(created_at as varchar) as detail
from core.opportunity
where
    case
        when closed_precision = 'day' and created_precision <> 'day' then closed_at + interval 1 day <= created_at
        else closed_at < created_at
    end
