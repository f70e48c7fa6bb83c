-- One row per seller that a deal was closed with; the place of fewer than half of them is known.
-- key: account_id
-- time: none
select
    d.seller_id as account_id,
    d.business_segment as industry,
    'Brazil' as country,
    s.seller_state as region
from olist.deal as d
left join olist.seller as s on d.seller_id = s.seller_id
