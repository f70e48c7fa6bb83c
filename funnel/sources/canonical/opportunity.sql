-- One row per opportunity, as the file opportunity has it.
-- key: opportunity_id
-- time: created_at and closed_at are UTC instants
select
    opportunity_id,
    account_id,
    record_id,
    campaign_id,
    name,
    channel,
    stage,
    amount,
    currency,
    created_at,
    case when created_at is null then 'unknown' else coalesce(created_precision, 'second') end as created_precision,
    closed_at,
    case when closed_at is null then 'unknown' else coalesce(closed_precision, 'second') end as closed_precision,
    is_closed,
    is_won,
    loss_reason,
    owner_id,
    is_deleted
from canonical.opportunity
