-- One row per hand-off of known time into $stage: what was known then, how it was followed up until the
-- landmark, its outcome or its exit, and whether $outcome was reached. Times: naive UTC; hours: business.
with active as (
    select split_part(activity_id, ':', 1) as source, min(coalesce(happened_at, created_at)) as since_at
    from core.activity
    group by split_part(activity_id, ':', 1)
),

joined as (
    select
        h.handoff_id, h.cycle_id, h.person_id, h.record_key, h.source, h.pass, h.handed_at, h.handed_precision,
        h.handed_on, h.month_on, h.version, h.age_days,
        case when not e.is_reached then false when e.entered_at is not null then true end as converted,
        case when e.entered_at is null then null
            when 'day' in (h.handed_precision, e.entered_precision)
                then greatest(0, date_diff('day', h.handed_on, e.entered_on))
            else greatest(0, date_diff('second', h.handed_at, e.entered_at) / 86400.0) end as days_to_outcome,
        e.entered_at as outcome_at,
        coalesce(e.end_at < h.handed_at and e.entered_at is not null, false) as is_outcome_before,
        coalesce(not e.is_observed, false) as is_imputed_outcome,
        case when h.n_failed > 0 or d.n_failed > 0 then false
            when h.n_unknown > coalesce(d.n_known, 0) then null
            when h.n_clauses > 0 then true end as met_definition,
        h.n_unknown - coalesce(d.n_known, 0) as n_clauses_unknown,
        case when h.n_clauses = 0 then null when d.n_known > 0 then 'as recorded' else 'history' end as definition_evidence,
        coalesce(try_cast(k.score as double), p.score) as score,
        d.completeness,
        case when d.has_twin then d.is_duplicate
            when h.record_key is not null then false end as is_duplicate,
        coalesce(try_cast(k.employees as double), p.employees, q.employees, a.employees) as employees,
        coalesce(k.channel, p.channel, h.channel) as channel,
        coalesce(k.region, p.region, h.region) as region,
        coalesce(k.country, p.country, h.country) as country,
        coalesce(k.industry, p.industry, h.industry) as industry,
        coalesce(k.persona, p.persona, h.persona) as persona,
        coalesce(k.lead_type, p.lead_type, h.lead_type) as lead_type,
        case when p.campaign_id is not null then coalesce(g.name, p.source || ':' || p.campaign_id)
            else coalesce(h.campaign, h.campaign_id) end as campaign,
        coalesce(p.content, h.content) as content,
        coalesce(v.since_at < h.handed_at + to_seconds($landmark_seconds), false) as is_followed,
        t.touch_hours, coalesce(t.n_touches, 0) as n_touches, coalesce(t.n_touch_days, 0) as n_touch_days,
        e.exit, e.exit_reason, case when e.exit_at is not null
            then greatest(0, date_diff('second', h.handed_at, e.exit_at) / 86400.0) end as exit_days,
        h.owner_id, coalesce(t.n_touches_all, 0) as n_touches_all, t.first_touch_at, o.seen_at
    from handed h
    left join known k on k.handoff_id = h.handoff_id
    join delivered d on d.handoff_id = h.handoff_id
    join ending e on e.handoff_id = h.handoff_id
    left join follow_up t on t.handoff_id = h.handoff_id
    left join active v on v.source = h.source
    left join core.record o on o.record_key = h.record_key
    left join staging.person p on p.source = o.source and p.record_id = o.record_id
    left join core.campaign g on g.campaign_id = p.source || ':' || p.campaign_id
    left join core.person q on q.person_id = h.person_id
    left join core.account a on a.account_id = q.account_id
)

select j.*,
    case when j.employees < 50 then '1-49' when j.employees < 250 then '50-249'
        when j.employees < 1000 then '250-999' when j.employees >= 1000 then '1000+' end as company_size
from joined j
order by j.handed_at, j.handoff_id
