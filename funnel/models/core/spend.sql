-- One row per item of spend that ended before as_of.
-- key: spend_id
-- time: spent_on and ends_on are calendar days; amount in currency
select
    s.source || ':' || s.spend_id as spend_id,
    s.spent_on,
    s.ends_on,
    s.channel,
    s.source || ':' || s.campaign_id as campaign_id,
    s.kind,
    cast(s.amount as decimal(18, 2)) as amount,
    s.currency
from staging.spend as s
cross join run.context as c
where s.spent_on < cast(c.as_of as date)
