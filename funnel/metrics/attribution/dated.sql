-- One row per touch with a known time, its day in the contract's zone and what it can be credited to.
-- key: touch_id
-- time: touched_at as the source knows it, is_day where that is only its day; content: its own, else of the inquiry that the person made that day in that channel
with local as (
    select t.touch_id, t.person_id, t.content, t.touched_at, t.touched_precision = 'day' as is_day,
        coalesce(t.kind, 'response') <> 'sent' as is_response,
        coalesce(t.channel, g.channel) as channel,
        coalesce(g.name, t.campaign_id) as campaign,
        cast(t.touched_at + to_seconds(coalesce(z.offset_seconds, 0)) as date) as touched_on
    from core.touch as t
    left join core.campaign as g on t.campaign_id = g.campaign_id
    left join run.zone_offset as z on t.touched_at >= z.starts_at and t.touched_at < z.ends_at
    where t.touched_at is not null
),

inquiry as (
    select person_id, started_on, channel, min_by(content, pass) as content
    from marts.cycle
    where content is not null and person_id is not null
    group by person_id, started_on, channel
)

select l.* exclude (content, is_day), coalesce(l.is_day, false) as is_day, coalesce(l.content, i.content) as content
from local as l
left join inquiry as i
    on l.person_id = i.person_id and l.touched_on = i.started_on and l.channel = i.channel
