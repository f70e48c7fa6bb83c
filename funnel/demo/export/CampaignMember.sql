-- One row per person and campaign; a second response overwrites the first.
-- key: Id
-- time: UTC; FirstRespondedDate is a day
select
    id15('00v', member.number) as "Id",
    campaign.id15 as "CampaignId",
    lead.id15 as "LeadId",
    contact.id15 as "ContactId",
    case
        when member.answered_at = -1 then 'Sent'
        when member.answered_at = member.second_at then 'Attended'
        else 'Responded'
    end as "Status",
    member.answered_at <> -1 as "HasResponded",
    day(case when member.answered_at = member.second_at then member.second_on else member.response_on end)
        as "FirstRespondedDate",
    stamp(member.created_at) as "CreatedDate",
    maker.id15 as "CreatedById",
    stamp(greatest(member.created_at, member.known_at, member.answered_at)) as "SystemModstamp",
    false as "IsDeleted"
from (
    select
        member.*,
        case when second_at <> -1 and second_at < run.observed_at then second_at else response_at end as answered_at,
        case when lead.is_merged then lead.original else member.lead end as who
    from member
    cross join run
    left join lead_now as lead on lead.lead = member.lead
    where member.number >= run.first_row
        and member.number < run.end_row
        and member.known_at < run.observed_at
        and (member.lead = -1 or lead.lead is not null)
        and not (member.clashes and lead.is_merged)
) as member
inner join campaign on campaign.campaign = member.campaign
inner join owner as maker on maker.owner = 0
left join lead_now as lead on lead.lead = member.who
left join contact
    on contact.contact = case when member.who = -1 then member.contact when lead.is_converted then lead.contact end
order by member.number
