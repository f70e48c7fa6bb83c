-- One row per meeting in the calendar; a copy for another invitee, a series' master and a meeting that did not take place count as none.
-- key: activity_id
-- time: done_at is its end, once that lies before the last export, else it is not done; known to the day for all-day events
with told as (
    select
        e.*,
        coalesce(e.end_date_time, e.start_date_time + coalesce(e.duration_in_minutes, 0) * interval 1 minute) as ended_at,
        coalesce(e.is_all_day_event, false) as is_all_day,
        coalesce(e.no_show_c, false) or lower(coalesce(e.subject, '')) like 'cancel%' as is_off
    from salesforce.event as e
    where not coalesce(e.is_deleted, false) and not coalesce(e.is_child, false) and not coalesce(e.is_recurrence, false)
),

ended as (
    select t.*, case when t.is_all_day or t.ended_at is null then t.activity_date else t.ended_at end as happened_at
    from told as t
),

export as (
    select max(observed_at) as observed_at
    from (
        select max(observed_at) as observed_at from salesforce.event_version
        union all select max(observed_at) as observed_at from salesforce.lead_history_version
        union all select max(observed_at) as observed_at from salesforce.contact_version
        union all select max(observed_at) as observed_at from salesforce.campaign_member_version
    ) as latest
),

judged as (
    select e.*, not e.is_off and coalesce(e.happened_at <= x.observed_at, false) as is_done
    from ended as e
    cross join export as x
)

select
    id as activity_id,
    who_id as record_id,
    coalesce(account_id, case when substr(what_id, 1, 3) = '001' then what_id end) as account_id,
    case when substr(what_id, 1, 3) = '006' then what_id end as opportunity_id,
    owner_id as rep_id,
    'meeting' as kind,
    false as is_automated,
    is_done,
    case when is_done then happened_at end as done_at,
    case
        when not is_done then 'unknown'
        when is_all_day or ended_at is null then 'day'
        else coalesce(end_date_time_precision, start_date_time_precision, 'second')
    end as done_precision,
    created_date as created_at
from judged
