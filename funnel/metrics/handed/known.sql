-- One row per hand-off: what history or a load tells of its attributes as of then; null where neither does.
select h.handoff_id,
    max(a.value) filter (where a.field = 'score') as score,
    max(a.value) filter (where a.field = 'employees') as employees,
    max(a.value) filter (where a.field = 'channel') as channel,
    max(a.value) filter (where a.field = 'region') as region,
    max(a.value) filter (where a.field = 'country') as country,
    max(a.value) filter (where a.field = 'industry') as industry,
    max(a.value) filter (where a.field = 'persona') as persona,
    max(a.value) filter (where a.field = 'lead_type') as lead_type
from handed h
join core.attribute a on a.record_key = h.record_key
    and a.valid_from <= h.handed_at and h.handed_at < a.valid_to
where a.field in ('score', 'employees', 'channel', 'region', 'country', 'industry', 'persona', 'lead_type')
group by h.handoff_id
