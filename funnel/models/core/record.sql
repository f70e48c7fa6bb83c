-- One row per lead or contact record: the person it belongs to, by conversion, merge or e-mail address, never by name.
-- key: record_key
-- time: created_at is a UTC instant, null when the source has none; seen_at: the first load that held it; person_id is the smallest record key of the person, person_no its record_no
with recursive centre as (
    select group_key, min(record_key) as centre_key
    from core.record_group
    group by group_key
    having count(*) > 1
),

edge as (
    select g.record_key as from_key, c.centre_key as to_key, g.link
    from core.record_group as g
    inner join centre as c on g.group_key = c.group_key and g.record_key <> c.centre_key
    union all
    select c.centre_key as from_key, g.record_key as to_key, g.link
    from core.record_group as g
    inner join centre as c on g.group_key = c.group_key and g.record_key <> c.centre_key
),

-- the smallest key of a person walks along every edge to a greater key; union drops what was seen
reached (record_key, label) as (
    select distinct e.from_key as record_key, e.from_key as label from edge as e
    union
    select e.to_key as record_key, r.label
    from reached as r
    inner join edge as e on r.record_key = e.from_key
    where e.to_key > r.label
),

person as (select record_key, min(label) as person_id from reached group by record_key),

-- numbers follow the order of the keys, whatever the order of the rows: joins and windows go by them
numbered as (
    select record_key, row_number() over (order by record_key) as record_no
    from core.record_group
    where group_key = 'record ' || record_key
),

link as (select from_key, min(link) as link from edge group by from_key)

select
    p.source || ':' || p.record_id as record_key,
    p.source,
    p.record_id,
    coalesce(m.person_id, p.source || ':' || p.record_id) as person_id,
    p.kind,
    coalesce(l.link, 'self') as link,
    p.created_at,
    p.created_precision,
    coalesce(p.seen_at, a.observed_at) as seen_at,
    g.record_no,
    coalesce(w.record_no, g.record_no) as person_no
from staging.person as p
inner join numbered as g on g.record_key = p.source || ':' || p.record_id
left join person as m on m.record_key = g.record_key
left join numbered as w on m.person_id = w.record_key
left join (select source, max(observed_at) as observed_at from run.load group by source) as a on p.source = a.source
left join link as l on l.from_key = g.record_key
