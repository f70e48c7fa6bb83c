-- One row per meeting in the calendar, some of them still ahead.
-- key: Id
-- time: UTC; ActivityDate is the day of the meeting
select
    id18('00U', event.number) as "Id",
    case when event.lead = -1 or lead.is_converted then contact.id18 else lead.id18 end as "WhoId",
    deal.id18 as "WhatId",
    case when event.lead = -1 then 'Product demo' else 'Discovery meeting' end as "Subject",
    stamp(event.start_at) as "StartDateTime",
    stamp(event.start_at + event.minutes * 60) as "EndDateTime",
    event.minutes as "DurationInMinutes",
    day(event.start_on) as "ActivityDate",
    owner.id18 as "OwnerId",
    stamp(event.created_at) as "CreatedDate",
    owner.id18 as "CreatedById",
    stamp(event.created_at) as "SystemModstamp",
    false as "IsDeleted"
from event
cross join run
left join lead_now as lead on lead.lead = event.lead
left join deal on deal.deal = event.deal
left join contact on contact.contact = case when event.lead = -1 then deal.contact else lead.contact end
inner join owner on owner.owner = event.owner
where event.created_at < run.observed_at
    and (lead.lead is not null or (event.lead = -1 and deal.created_at < run.observed_at))
order by event.number
