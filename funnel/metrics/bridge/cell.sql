-- One row per side of the comparison and cell: cases, hits or amounts, and sums of squares, of one family of events.
with valued as (
    select e.* exclude (amount, currency), g.side,
        case
            when $family not in ('pipeline_amount', 'won_amount') then e.hit
            when coalesce(e.currency, g.currency) = g.currency then e.amount
        end as size
    from event e
    join side g on e.day_on >= g.start_on and e.day_on < g.end_on
)

select
    side, channel, campaign, content, region, country, industry, company_size, persona, lead_type,
    count(size) as n,
    coalesce(sum(size), 0) as x,
    coalesce(sum(cast(size as decimal(20, 2)) * size), 0) as xx,
    count(*) - count(size) as n_unknown
from valued
group by all
order by all
