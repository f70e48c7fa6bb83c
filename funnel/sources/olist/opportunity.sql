-- One row per closed deal; only won ones are recorded. declared_monthly_revenue is the seller's own, not the value of the deal: not mapped.
-- key: opportunity_id
-- time: closed_at is a UTC instant to the second; nothing says when the deal was opened; amount null, the source has none
select
    mql_id as opportunity_id,
    mql_id as record_id,
    seller_id as account_id,
    'Won' as stage,
    'BRL' as currency,
    'unknown' as created_precision,
    won_date as closed_at,
    'second' as closed_precision,
    true as is_closed,
    true as is_won,
    sr_id as owner_id
from olist.deal
