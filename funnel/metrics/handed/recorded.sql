-- One row per hand-off and clause of its definition that nothing tells of as of then, in a field without any
-- history in its source: such a field has but one known value, and the recorded one stands in for it.
select c.handoff_id, c.clause_id, v.value,
    case when k.op in ('present', 'valid_email') and v.value is null then false else l.holds end as passed
from marts.handoff_clause c
join handed h on h.handoff_id = c.handoff_id
join contract.clause k on k.clause_id = c.clause_id
left join core.tracked_field t on t.source = h.source and t.field = c.field
join core.attribute v on v.record_key = h.record_key and v.field = c.field
    and v.valid_from <= h.handed_at and h.handed_at < v.valid_to
left join core.clause_value l on l.clause_id = c.clause_id and l.value = v.value
where c.evidence = 'unknown' and t.field is null
