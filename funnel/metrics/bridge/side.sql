-- One row per side of the comparison: its span, and the currency in which amounts count.
select c.currency, v.side, v.start_on, v.end_on
from run.context c
cross join (
    select 'before' as side, cast($before_on as date) as start_on, cast($before_end_on as date) as end_on
    union all
    select 'now', cast($start_on as date), cast($end_on as date)
) v
