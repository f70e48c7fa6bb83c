-- One row per response of a person to marketing before as_of.
-- key: touch_id
-- time: touched_at is a UTC instant, its precision beside it
select
    t.source || ':' || t.touch_id as touch_id,
    r.person_id,
    t.source || ':' || t.campaign_id as campaign_id,
    t.channel,
    t.content,
    t.kind,
    t.touched_at,
    t.touched_precision
from staging.touch as t
inner join core.record as r on r.record_key = t.source || ':' || t.record_id
cross join run.context as c
where t.touched_at < c.as_of
