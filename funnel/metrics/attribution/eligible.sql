-- One row per path and eligible touch: a response of a person on it, before its event, within the look-back.
-- key: path_id, touch_id
-- time: age in seconds before the event, of days where either is known only to the day; the day of the event is before it
with aged as (
    select
        p.path_id, p.is_asked, t.touch_id, t.person_id, t.channel, t.campaign, t.content, t.touched_at, t.is_day,
        case when t.is_day or p.event_precision = 'day' then 86400.0 * (p.event_on - t.touched_on)
            else epoch(p.event_at - t.touched_at) end as age_seconds,
        (t.is_day or p.event_precision = 'day') and p.event_on = t.touched_on as is_same_day,
        case when t.is_day or p.lead_precision = 'day' then t.touched_on <= p.lead_on
            else t.touched_at <= p.lead_at end as is_by_lead,
        case when t.is_day or p.created_precision = 'day' then t.touched_on <= p.created_on
            else t.touched_at <= p.created_at end as is_by_creation
    from path as p
    inner join member as m on p.path_id = m.path_id
    inner join dated as t on m.person_id = t.person_id and t.is_response
)

select * from aged where age_seconds >= 0 and age_seconds <= $look_back_seconds
