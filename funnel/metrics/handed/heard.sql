-- One row per refused hand-off with activities: what the person did or what a call found, up to the next hand-off.
select f.handoff_id,
    bool_or(a.direction = 'inbound' or regexp_matches(lower(coalesce(a.outcome, '')),
        '^(connected|answered|replied|reached|held|met|interested)')) as has_replied,
    bool_or(regexp_matches(lower(coalesce(a.outcome, '')),
        '^(wrong|invalid|bounce|disconnected|not in service)')) as is_wrong
from refused f
left join core.handoff_window w on w.handoff_id = f.handoff_id
join core.activity a on a.person_id = f.person_id and a.is_done and not a.is_automated
    and a.happened_at + to_seconds(case when a.happened_precision = 'day' then 86399 else 0 end) >= f.handed_at
    and (w.next_handed_at is null or a.happened_at < w.next_handed_at)
group by f.handoff_id
