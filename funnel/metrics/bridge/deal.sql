-- One row per opportunity: when it was opened and closed, its segment, and the span that is asked about.
with given as (
    select
        cast($start_on as date) as start_on,
        cast($end_on as date) as end_on,
        cast($until_on as date) as until_on,
        currency
    from run.context
)

select
    o.opportunity_id, o.cycle_id, o.account_id, o.outcome, o.closed_on, o.amount,
    case when o.created_on is not null then least(o.created_on, coalesce(o.closed_on, o.created_on)) end
        as opened_on,
    o.outcome <> 'open' and o.closed_on is null as is_undated,
    coalesce(o.currency, g.currency) = g.currency as is_money,
    split_by($by, o) as segment,
    g.start_on, g.end_on, g.until_on
from marts.opportunity o
cross join given g
