-- One row per campaign member and response, and per member that was sent something before it responded. A second response overwrites the first, so all landed versions are read.
-- key: touch_id
-- time: a response is known to its day (touched_at is the local midnight that begins it); a sending to the second
with seen as (
    select
        v.id,
        coalesce(v.has_responded, v.first_responded_date is not null, false) as is_response,
        case when coalesce(v.has_responded, v.first_responded_date is not null, false) then v.first_responded_date end as responded_at
    from salesforce.campaign_member_version as v
    where not v.is_tombstone
),

response as (
    select id, is_response, responded_at, row_number() over (partition by id order by is_response, responded_at) as place
    from (select distinct id, is_response, responded_at from seen) as each_once
)

select
    m.id || ' ' || cast(r.place as varchar) as touch_id,
    coalesce(k.id, m.lead_id, m.contact_id) as record_id,
    m.campaign_id,
    coalesce(c.channel_c, c.type) as channel,
    case when r.is_response then 'response' else 'sent' end as kind,
    case when r.is_response then r.responded_at else m.created_date end as touched_at,
    case
        when not r.is_response and m.created_date is not null then 'second'
        when r.responded_at is not null then 'day'
        else 'unknown'
    end as touched_precision
from response as r
inner join salesforce.campaign_member as m on r.id = m.id
left join salesforce.campaign as c on m.campaign_id = c.id
left join salesforce.contact as k on m.contact_id = k.id
where not coalesce(m.is_deleted, false) and coalesce(k.id, m.lead_id, m.contact_id) is not null
