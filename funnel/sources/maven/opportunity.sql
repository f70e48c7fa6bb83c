-- One row per opportunity; its first known day is that of the engagement, so it counts as created on it.
-- key: opportunity_id
-- time: midnights in New York, null while prospecting; amount in USD: the value of a won deal, else the product's list price (the source has 0 or none)
with named as (
    select o.*, case when o.product = 'GTXPro' then 'GTX Pro' else o.product end as product_name
    from maven.opportunity as o
)

select
    n.opportunity_id,
    n.account as account_id,
    n.product_name as name,
    n.deal_stage as stage,
    case when n.deal_stage = 'Won' then n.close_value else p.sales_price end as amount,
    'USD' as currency,
    n.engage_date as created_at,
    case when n.engage_date is null then 'unknown' else 'day' end as created_precision,
    n.close_date as closed_at,
    case when n.close_date is null then 'unknown' else 'day' end as closed_precision,
    n.deal_stage in ('Won', 'Lost') as is_closed,
    n.deal_stage = 'Won' as is_won,
    n.sales_agent as owner_id
from named as n
left join maven.product as p on n.product_name = p.product
