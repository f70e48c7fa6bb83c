-- One row per item of spend.
-- key: spend_id
-- time: spent_on is the day it began, week_on, month_on and quarter_on the periods of that day; amount in currency
select
    s.spend_id, s.spent_on, s.ends_on,
    cast(date_trunc('week', s.spent_on) as date) as week_on,
    cast(date_trunc('month', s.spent_on) as date) as month_on,
    cast(date_trunc('quarter', s.spent_on) as date) as quarter_on,
    coalesce(s.channel, g.channel) as channel, s.campaign_id, g.name as campaign, s.kind, s.amount, s.currency
from core.spend as s
left join core.campaign as g on s.campaign_id = g.campaign_id
