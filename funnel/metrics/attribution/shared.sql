-- One row per opportunity, eligible touch and rule: its weight under the rule, before weights are made to add to 1.
-- key: rule, path_id, touch_id
-- time: touched_at is a UTC instant
with placed as (
    select
        e.*,
        e.touched_at = min(e.touched_at) over every as is_first,
        e.touched_at = max(e.touched_at) over every as is_last,
        coalesce(e.is_by_lead
            and e.touched_at = max(e.touched_at) filter (where e.is_by_lead) over every, false) as is_lead,
        coalesce(e.is_by_creation
            and e.touched_at = max(e.touched_at) filter (where e.is_by_creation) over every, false) as is_creation,
        power(2, (min(e.age_seconds) over every - e.age_seconds) / $half_life_seconds) as decay
    from eligible as e
    where e.is_asked
    window every as (partition by e.path_id)
),

ruled as (
    select
        r.rule, p.path_id, p.touch_id, p.touched_at, r.decay * p.decay as decayed,
        case when p.is_first and r.first > 0 then r.first end as first,
        case when p.is_lead and r.lead > 0 then r.lead end as lead,
        case when p.is_creation and r.creation > 0 then r.creation end as creation,
        case when p.is_last and r.last > 0 then r.last end as last,
        r.rest
    from placed as p
    cross join weight as r
)

select
    rule, path_id, touch_id, touched_at,
    cast(decayed
        + coalesce(first / count(first) over touched, 0)
        + coalesce(lead / count(lead) over touched, 0)
        + coalesce(creation / count(creation) over touched, 0)
        + coalesce(last / count(last) over touched, 0)
        + case when coalesce(first, lead, creation, last) is null then rest
            / count(case when coalesce(first, lead, creation, last) is null then 1 end) over touched
            else 0 end as decimal(18, 12)) as weight
from ruled
window touched as (partition by rule, path_id)
