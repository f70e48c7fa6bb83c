-- One row per side of the comparison: what sales velocity is made of.
with deal as (
    select g.side, o.outcome, o.days_to_close, g.start_on, g.end_on, o.created_on, o.closed_on,
        case when coalesce(o.currency, g.currency) = g.currency then o.amount end as amount,
        coalesce(o.closed_on >= g.start_on and o.closed_on < g.end_on, false) as is_closed
    from marts.opportunity o
    cross join side g
)

select
    side,
    count(*) filter (where created_on < end_on and (outcome = 'open' or closed_on >= end_on)) as n_open,
    count(*) filter (where is_closed) as n_closed,
    count(*) filter (where is_closed and outcome = 'won') as n_won,
    count(amount) filter (where is_closed and outcome = 'won') as n_amounts,
    coalesce(sum(amount) filter (where is_closed and outcome = 'won'), 0) as amount,
    coalesce(sum(cast(amount as decimal(20, 2)) * amount) filter (where is_closed and outcome = 'won'), 0) as squares,
    count(days_to_close) filter (where is_closed and outcome = 'won') as n_days,
    coalesce(sum(days_to_close) filter (where is_closed and outcome = 'won'), 0) as days,
    coalesce(sum(days_to_close * days_to_close) filter (where is_closed and outcome = 'won'), 0) as day_squares
from deal
group by side
order by side
