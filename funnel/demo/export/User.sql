-- One row per user: representatives (some have left), marketing, managers, the automation. Queues are not users.
-- key: Id
-- time: UTC
select
    own.id18 as "Id",
    lower(replace(users.name, ' ', '.')) || '@funnel.example' as "Username",
    users.name as "Name",
    users.title as "Title",
    users.department_name as "Department",
    users.region_name as "Region__c",
    users.zone as "TimeZoneSidKey",
    users.ends_at = -1 or users.ends_at >= run.observed_at as "IsActive",
    manager.id18 as "ManagerId",
    case when users.number = 0 then 'AutomatedProcess' else 'Standard' end as "UserType",
    stamp(users.starts_at) as "CreatedDate",
    stamp(case when users.ends_at <> -1 and users.ends_at < run.observed_at then users.ends_at else users.starts_at end)
        as "SystemModstamp"
from users
cross join run
inner join owner as own on own.owner = users.number
left join owner as manager on manager.owner = users.manager
where users.starts_at < run.observed_at
order by users.number
