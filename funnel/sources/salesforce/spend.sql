-- One row per item of the spend file, which is not of Salesforce.
-- key: spend_id
-- time: spent_on and ends_on are days, ends_on the last one; amount in currency
select spend_id, spent_on, ends_on, channel, campaign_id, kind, amount, currency
from salesforce.spend
