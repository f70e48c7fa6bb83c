-- One row per status or reason change, stage and exit of a hand-off of the batch.
select s.handoff_id, 5 as rank, e.changed_at as happened_at, e.changed_precision as precision, 'status' as kind,
    case e.field when 'status' then 'Status ' else 'Reason ' end || coalesce(e.old_value, 'empty') || ' > '
    || coalesce(e.new_value, 'empty') as what, e.user_id as who_id, e.evidence
from span s
join core.attribute_event e on e.person_id = s.person_id and e.field in ('status', 'reason')
where e.changed_at >= s.handed_at and e.changed_at < s.until_at
union all
select s.handoff_id, 6, e.entered_at, e.entered_precision, 'stage',
    'Reached ' || coalesce(g.title, e.stage)
    || case when e.is_impossible then ', in an impossible order' when not e.is_observed then ', as a later stage proves'
        else '' end,
    null, e.evidence
from span s
join marts.stage_entry e on e.cycle_id = s.cycle_id and e.position > s.position
cross join run.context c
join contract.stage g on g.version = c.contract and g.stage = e.stage
union all
select s.handoff_id, 7, e.exited_at, e.exited_precision, 'exit',
    upper(left(e.exit, 1)) || substr(e.exit, 2) || coalesce(': ' || e.reason, ', without a reason'),
    e.user_id, e.evidence
from span s
join core.exit_event e on e.cycle_id = s.cycle_id
