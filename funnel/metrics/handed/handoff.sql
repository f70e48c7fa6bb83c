-- One row per hand-off of known time into $stage: what was known then, how it was followed up until the
-- landmark, its outcome or its exit, and whether $outcome was reached. Times: naive UTC; hours: business.
with joined as (
    select
        h.handoff_id, h.cycle_id, h.person_id, h.record_key, h.source, h.pass, h.handed_at, h.handed_precision,
        h.handed_on, h.month_on, h.version, h.age_days, e.converted, e.days_to_outcome, e.outcome_at,
        e.is_outcome_before, e.is_imputed_outcome,
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
        e.is_followed, e.touch_hours, e.n_touches, e.n_touch_days, e.exit, e.exit_reason, e.exit_days,
        h.owner_id, e.n_touches_all, e.first_touch_at, o.seen_at
    from handed h
    left join known k on k.handoff_id = h.handoff_id
    join delivered d on d.handoff_id = h.handoff_id
    join course e on e.handoff_id = h.handoff_id
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
