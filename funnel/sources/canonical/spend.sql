-- One row per expense, as the file spend has it.
-- key: spend_id
-- time: spent_on and ends_on are days
select
    spend_id,
    spent_on,
    ends_on,
    channel,
    campaign_id,
    kind,
    amount,
    currency
from canonical.spend
