-- One row per lead id that was asked for, and the record and person it belongs to (null: unknown).
-- An id is the source's own, with or without the source before it; of an 18-character id 15 are enough.
with asked as (
    select distinct unnest(cast($ids as text[])) as lead_id
),

record as (
    select record_key, record_id, person_id, left(record_id, 15) as short_id
    from core.record
    where record_id in (select lead_id from asked) or record_key in (select lead_id from asked)
        or left(record_id, 15) in (select left(lead_id, 15) from asked where length(lead_id) in (15, 18))
)

select a.lead_id, min(r.record_key) as record_key, min(r.person_id) as person_id
from asked a
left join record r on r.record_id = a.lead_id or r.record_key = a.lead_id
    or (length(a.lead_id) in (15, 18) and length(r.record_id) in (15, 18) and r.short_id = left(a.lead_id, 15))
group by a.lead_id
order by a.lead_id
