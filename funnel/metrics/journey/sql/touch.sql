-- One row per response to marketing.
select
    person_id as subject_id, touch_id as event_key, touched_at as happened_at, touched_precision as precision,
    'touch' as source, t.channel, c.name as campaign, t.content, t.kind
from core.touch t
left join core.campaign c on c.campaign_id = t.campaign_id
