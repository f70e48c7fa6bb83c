-- One row per task: a call, mail or other. What a machine sent is marked as automated; what came from the person is inbound.
-- key: activity_id
-- time: done_at is CompletedDateTime, or CreatedDate of a task logged as completed and never changed; due_on (ActivityDate) is a promise, never a touch
with sender as (
    select
        u.id,
        coalesce(u.user_type = 'AutomatedProcess', false)
            or regexp_matches(lower(coalesce(u.name, '')), 'automation|automated|marketo|pardot|hubspot|eloqua') as is_machine,
        lower(coalesce(u.department, r.name, '')) like 'marketing%' as is_marketing
    from salesforce.user as u
    left join salesforce.user_role as r on u.user_role_id = r.id
),

told as (
    select
        t.*,
        coalesce(t.is_closed, lower(t.status) = 'completed', false) as is_done,
        coalesce(t.completed_date_time, case when t.created_date = coalesce(t.last_modified_date, t.system_modstamp) then t.created_date end) as completed_at,
        coalesce(t.completed_date_time_precision, 'second') as completed_precision,
        lower(coalesce(t.task_subtype, '')) as subtype,
        lower(coalesce(case when lower(t.task_subtype) in ('call', 'email', 'listemail') then t.task_subtype end, t.type, '')) as sort,
        lower(coalesce(t.subject, '')) as topic
    from salesforce.task as t
    where not coalesce(t.is_deleted, false) and not coalesce(t.is_recurrence, false)
),

sorted as (
    select
        t.*,
        case
            when t.sort like '%call%' then 'call'
            when t.sort like '%mail%' then 'email'
            when t.sort like '%meeting%' or t.sort like '%demo%' then 'meeting'
            when t.topic like 'call%' or t.topic like '%[call]%' then 'call'
            when t.topic like 'email%' or t.topic like '%[email]%' then 'email'
            when t.topic like 'meeting%' then 'meeting'
            else 'other'
        end as kind
    from told as t
)

select
    t.id as activity_id,
    t.who_id as record_id,
    coalesce(t.account_id, case when substr(t.what_id, 1, 3) = '001' then t.what_id end) as account_id,
    case when substr(t.what_id, 1, 3) = '006' then t.what_id end as opportunity_id,
    t.owner_id as rep_id,
    t.kind,
    case
        when lower(t.call_type) = 'inbound' or t.topic like '%[in]%' or t.topic like 'email: <<%' then 'inbound'
        when t.kind in ('call', 'email') then 'outbound'
    end as direction,
    t.call_disposition as outcome,
    coalesce(t.is_automated_c, false) or t.kind <> 'call' and (
        t.subtype in ('listemail', 'cadence')
        or regexp_matches(t.topic, '^(mass email|list email|was sent email)')
        or coalesce(o.is_machine or o.is_marketing, false)
        or t.kind = 'email' and coalesce(m.is_machine, false)
    ) as is_automated,
    t.is_done,
    t.activity_date as due_on,
    case when t.is_done then t.completed_at end as done_at,
    case when t.is_done and t.completed_at is not null then t.completed_precision else 'unknown' end as done_precision,
    t.created_date as created_at
from sorted as t
left join sender as o on t.owner_id = o.id
left join sender as m on t.created_by_id = m.id
