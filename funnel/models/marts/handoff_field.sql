-- One row per hand-off of known time and field that the contract requires at hand-off: was it filled then?
-- key: handoff_id, field
-- time: the value is the one that held at handed_at; is_present null when neither history nor a load reaches back to it
select
    h.handoff_id,
    f.field,
    case when a.evidence <> 'assumed' then coalesce(trim(a.value) <> '', false) end as is_present
from core.handoff as h
inner join contract.required_field as f on h.version = f.version
left join core.attribute as a
    on h.record_no = a.record_no and f.field = a.field
    and a.valid_from <= h.handed_at and h.handed_at < a.valid_to
where h.handed_at is not null
