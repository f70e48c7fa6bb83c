-- One row per hand-off of known time into the stage: what a score could know at that moment. A field whose history
-- its source keeps is what history or a load tells of then, else null; a field without any history is as recorded.
with told as (
    select h.handoff_id,
        max(a.value) filter (where a.field = 'employees') as employees,
        max(a.value) filter (where a.field = 'channel') as channel,
        max(a.value) filter (where a.field = 'region') as region,
        max(a.value) filter (where a.field = 'country') as country,
        max(a.value) filter (where a.field = 'industry') as industry,
        max(a.value) filter (where a.field = 'persona') as persona,
        max(a.value) filter (where a.field = 'lead_type') as lead_type
    from handed h
    join core.attribute a on a.record_key = h.record_key
        and a.valid_from <= h.handed_at and h.handed_at < a.valid_to and a.evidence <> 'assumed'
    where a.field in ('employees', 'channel', 'region', 'country', 'industry', 'persona', 'lead_type')
    group by h.handoff_id
),

kept as (
    select source, bool_or(field = 'employees') as employees, bool_or(field = 'channel') as channel,
        bool_or(field = 'region') as region, bool_or(field = 'country') as country,
        bool_or(field = 'industry') as industry, bool_or(field = 'persona') as persona,
        bool_or(field = 'lead_type') as lead_type
    from core.tracked_field
    group by source
),

engaged as (
    select h.handoff_id, count(*) as n_engagements
    from handed h
    join core.touch t on t.person_id = h.person_id
    where t.touched_at + to_seconds(case when t.touched_precision = 'day' then 86400 else 0 end) <= h.handed_at
    group by h.handoff_id
)

select
    h.handoff_id, h.pass, d.completeness, coalesce(g.n_engagements, 0) as n_engagements,
    case when c.started_at is not null
        then greatest(0, date_diff('second', c.started_at, h.handed_at) / 86400.0) end as days_before,
    case when d.has_twin then d.is_duplicate when h.record_key is not null then false end as is_duplicate,
    coalesce(try_cast(t.employees as double), case when k.employees then null else p.employees end) as employees,
    coalesce(t.channel, case when k.channel then null else h.channel end) as channel,
    coalesce(t.region, case when k.region then null else h.region end) as region,
    coalesce(t.country, case when k.country then null else h.country end) as country,
    coalesce(t.industry, case when k.industry then null else h.industry end) as industry,
    coalesce(t.persona, case when k.persona then null else h.persona end) as persona,
    coalesce(t.lead_type, case when k.lead_type then null else h.lead_type end) as lead_type,
    h.content
from handed h
join delivered d on d.handoff_id = h.handoff_id
left join told t on t.handoff_id = h.handoff_id
left join kept k on k.source = h.source
left join engaged g on g.handoff_id = h.handoff_id
left join core.cycle c on c.cycle_id = h.cycle_id
left join core.person p on p.person_id = h.person_id
order by h.handed_at, h.handoff_id
