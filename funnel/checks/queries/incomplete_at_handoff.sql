-- title: Each handed-over lead has the fields that the contract requires
-- layer: alignment
-- severity: warning
-- owner: marketing
-- table: marts.handoff
-- needs: person
-- why: what was filled at an unknown time is not known
select
    h.handoff_id as row_key,
    'lacks ' || string_agg(f.field, ', ' order by f.field) as detail
from marts.handoff as h
inner join marts.handoff_field as f on h.handoff_id = f.handoff_id and not f.is_present
where h.handed_at is not null
group by h.handoff_id
