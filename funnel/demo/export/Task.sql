-- One row per task: calls, mails (automated ones too), and what was planned; of a converted lead it is the contact's.
-- key: Id
-- time: UTC; ActivityDate is the day on which it was due
select
    id15('00T', task.number) as "Id",
    case when task.lead = -1 or lead.is_converted then contact.id15 else lead.id15 end as "WhoId",
    deal.id15 as "WhatId",
    account.id15 as "AccountId",
    owner.id15 as "OwnerId",
    case when task.kind = 3 then mail.word else what.word || case
        when task.kind < 2 and task.subject > 0 then ' (attempt ' || cast(task.subject + 1 as varchar) || ')' else '' end
    end as "Subject",
    case when task.done_at <> -1 and task.done_at < run.observed_at then 'Completed' else 'Not Started' end as "Status",
    case when task.kind in (0, 5) then 'Call' when task.kind = 4 then 'Task' else 'Email' end as "TaskSubtype",
    day(task.due_on) as "ActivityDate",
    case when task.done_at < run.observed_at then stamp(task.done_at) end as "CompletedDateTime",
    case when task.kind not in (0, 5) or task.done_at >= run.observed_at then null
        when task.answered = 1 or task.kind = 5 then 'Connected'
        when task.number % 3 = 0 then 'Left Voicemail'
        when task.number % 41 = 1 then 'Wrong Number'
        else 'No Answer'
    end as "CallDisposition",
    stamp(greatest(task.created_at, task.known_at)) as "CreatedDate",
    maker.id15 as "CreatedById",
    stamp(greatest(task.known_at, case when task.done_at < run.observed_at then task.done_at else 0 end))
        as "SystemModstamp",
    task.is_deleted as "IsDeleted"
from task
cross join run
left join lead_now as own on own.lead = task.lead
left join lead_now as lead on lead.lead = case when own.is_merged then own.original else own.lead end
left join deal on deal.deal = task.deal
left join contact on contact.contact = case when task.lead = -1 then deal.contact else lead.contact end
left join company_name as account
    on account.company = case when task.lead = -1 then deal.company when lead.is_converted then lead.company end
inner join owner on owner.owner = task.owner
inner join owner as maker on maker.owner = case when task.kind = 3 then 0 else task.owner end
inner join word as what on what.list = 'Subject' and what.code = task.kind
inner join word as mail on mail.list = 'Mail' and mail.code = task.subject % 5
where task.number >= run.first_row
    and task.number < run.end_row
    and task.created_at < run.observed_at
    and task.known_at < run.observed_at
    and (lead.lead is not null or (task.lead = -1 and deal.created_at < run.observed_at))
order by task.number
