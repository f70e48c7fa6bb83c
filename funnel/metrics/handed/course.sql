-- One row per hand-off of known time into the stage: how it was followed up until the landmark, its outcome or its
-- exit, and whether the outcome was reached. Times: naive UTC; hours: business.
with active as (
    select split_part(activity_id, ':', 1) as source, min(coalesce(happened_at, created_at)) as since_at
    from core.activity
    group by split_part(activity_id, ':', 1)
)

select
    h.handoff_id,
    case when not e.is_reached then false when e.entered_at is not null then true end as converted,
    case when e.entered_at is null then null
        when 'day' in (h.handed_precision, e.entered_precision)
            then greatest(0, date_diff('day', h.handed_on, e.entered_on))
        else greatest(0, date_diff('second', h.handed_at, e.entered_at) / 86400.0) end as days_to_outcome,
    e.entered_at as outcome_at,
    coalesce(e.end_at < h.handed_at and e.entered_at is not null, false) as is_outcome_before,
    coalesce(not e.is_observed, false) as is_imputed_outcome,
    coalesce(v.since_at < h.handed_at + to_seconds($landmark_seconds), false) as is_followed,
    t.touch_hours, coalesce(t.n_touches, 0) as n_touches, coalesce(t.n_touch_days, 0) as n_touch_days,
    e.exit, e.exit_reason, case when e.exit_at is not null
        then greatest(0, date_diff('second', h.handed_at, e.exit_at) / 86400.0) end as exit_days,
    coalesce(t.n_touches_all, 0) as n_touches_all, t.first_touch_at
from handed h
left join ending e on e.handoff_id = h.handoff_id
left join follow_up t on t.handoff_id = h.handoff_id
left join active v on v.source = h.source
