-- One row per hand-over, assignment, activity and deadline of a hand-off of the batch.
select handoff_id, 1 as rank, handed_at as happened_at, handed_precision as precision, 'hand-off' as kind,
    'Handed over as ' || coalesce(title, stage) || ', by ' || from_team || ' to ' || to_team as what,
    cast(null as text) as who_id, evidence
from span
union all
select s.handoff_id, 2, s.from_at, coalesce(a.assigned_precision, 'second'), 'assignment',
    case s.holder when 'nobody' then 'Assigned to nobody' when 'queue' then 'In a queue'
        when 'giver' then 'With the giving team' else 'Assigned' end,
    s.owner_id, 'stamp'
from marts.handoff_owner_span s
join disputed d on d.handoff_id = s.handoff_id
left join core.assignment a
    on a.record_key = d.record_key and a.assigned_at = s.from_at and a.owner_id = s.owner_id
union all
select s.handoff_id, 3, a.happened_at, a.happened_precision,
    case when a.is_automated then 'automated mail' when a.is_human_touch then 'touch' else 'reply' end,
    case when a.is_automated then 'Automated ' when not a.is_human_touch then 'From the lead: ' else '' end
    || case a.kind when 'email' then 'mail' when 'other' then 'activity' else a.kind end
    || coalesce(': ' || a.outcome, ''),
    case when a.is_human_touch then a.rep_id end, 'stamp'
from span s
join core.activity a on a.person_id = s.person_id and a.is_done
where a.happened_at < s.until_at
    and a.happened_at + to_seconds(case when a.happened_precision = 'day' then 86399 else 0 end) >= s.handed_at
union all
select d.handoff_id, 4, s.due_at, 'second', 'clock',
    'Due: ' || replace(s.sla, '_', ' ') || '; ' || s.outcome
    || coalesce(' after ' || printf('%.1f', s.most_hours) || ' h' || case s.clock when 'business' then ' of work' else '' end, ''),
    null, 'stamp'
from disputed d
join marts.handoff_sla s on s.handoff_id = d.handoff_id
