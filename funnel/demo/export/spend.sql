-- One row per invoice line: campaign and month, or salaries of a month; finance sends it on the 5th.
-- key: spend_id
-- time: days, ends_on is the last; EUR
select
    'S' || lpad(cast(spend.number + 1 as varchar), 6, '0') as spend_id,
    spend."on" as spent_on,
    spend.ends_on,
    campaign.channel_name as channel,
    campaign.id15 as campaign_id,
    kind.word as kind,
    cast(cast(spend.amount as decimal(18, 2)) as varchar) as amount,
    'EUR' as currency
from spend
cross join run
left join campaign on campaign.campaign = spend.campaign
inner join word as kind on kind.list = 'Kind' and kind.code = spend.kind
where spend.known_at < run.observed_at
order by spend.number
