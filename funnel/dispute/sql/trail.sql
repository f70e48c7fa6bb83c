-- One row per event of a lead of the batch from its hand-off to the person's next one (or as_of), in order.
-- Times: naive UTC; a clock stands at its deadline.
with span as (
    select d.*, h.stage, h.from_team, h.to_team, h.evidence, g.title, g.position,
        coalesce(w.next_handed_at, timestamp '9999-12-31 00:00:00') as until_at
    from disputed d
    join marts.handoff h on h.handoff_id = d.handoff_id
    join contract.stage g on g.version = h.version and g.stage = h.stage
    left join core.handoff_window w on w.handoff_id = d.handoff_id
),

event as (
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
    union all
    select s.handoff_id, 5, e.changed_at, e.changed_precision, 'status',
        case e.field when 'status' then 'Status ' else 'Reason ' end || coalesce(e.old_value, 'empty') || ' > '
        || coalesce(e.new_value, 'empty'), e.user_id, e.evidence
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
)

select
    e.handoff_id,
    row_number() over (
        partition by e.handoff_id order by e.happened_at nulls last, e.rank, e.what, e.who_id nulls last
    ) as place,
    e.happened_at as at_instant, e.precision, e.kind,
    case when e.what = '' then e.kind else upper(left(e.what, 1)) || substr(e.what, 2) end as what,
    coalesce(r.name, e.who_id) as who,
    case e.evidence when 'history' then 'field history' when 'opportunity' then 'stamp' else e.evidence end as evidence
from event e
left join core.rep r on r.rep_id = e.who_id
order by e.handoff_id, place
