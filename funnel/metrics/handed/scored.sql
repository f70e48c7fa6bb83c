-- One row per hand-off of known time into the stage: the score that history or a load tells of that moment, how it
-- was worked, what became of it. score_evidence 'assumed': neither reaches back, so the score is not known.
select
    h.handoff_id, h.cycle_id, h.person_id, h.record_key, h.handed_at, h.handed_on,
    h.handed_at + to_seconds(case when h.handed_precision = 'day' then 86400 else 0 end) as made_by,
    case when a.evidence <> 'assumed' then try_cast(a.value as double) end as score,
    a.evidence as score_evidence, a.value is not null as is_scored, c.converted, c.days_to_outcome, c.is_outcome_before, c.is_followed,
    c.touch_hours, c.n_touches, c.exit, c.exit_days
from handed h
join course c on c.handoff_id = h.handoff_id
left join core.attribute a on a.record_key = h.record_key and a.field = 'score'
    and a.valid_from <= h.handed_at and h.handed_at < a.valid_to
order by h.handed_at, h.handoff_id
