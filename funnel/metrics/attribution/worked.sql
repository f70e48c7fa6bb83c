-- One row per path: the first human touch of its persons by a rep.
-- key: path_id
-- time: worked_at a UTC instant, worked_on its day in the zone of the contract
select
    m.path_id, min(a.happened_at) as worked_at,
    cast(min(a.happened_at + to_seconds(coalesce(z.offset_seconds, 0))) as date) as worked_on
from member as m
inner join core.activity as a on m.person_id = a.person_id and a.is_human_touch
left join run.zone_offset as z on a.happened_at >= z.starts_at and a.happened_at < z.ends_at
group by m.path_id
