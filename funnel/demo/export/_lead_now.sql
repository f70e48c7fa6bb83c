-- One row per lead that an export of this load shows, with its fields as they were then.
-- key: lead
-- time: UTC seconds; -1 when it has not happened
select
    lead.*,
    lead.merged_at <> -1 and lead.merged_at < run.observed_at as is_merged,
    lead.converted_at <> -1 and lead.converted_at < run.observed_at as is_converted,
    coalesce(last.status, 0) as status,
    coalesce(last.owner, lead.queue) as owner,
    coalesce(last.score, lead.first_score) as score_now,
    coalesce(last.reason, -1) as reason,
    coalesce(last.industry, lead.entered_industry) as industry_now,
    coalesce(last.employees, lead.entered_employees) as employees_now,
    greatest(
        lead.created_at,
        coalesce(last.changed_at, 0),
        case when lead.merged_at < run.observed_at then lead.merged_at else 0 end
    ) as modified_at
from lead
cross join run
left join (
    select
        change.lead,
        arg_max(value, number) filter (where field = 0) as status,
        arg_max(value, number) filter (where field = 1) as owner,
        arg_max(value, number) filter (where field = 2) as score,
        arg_max(value, number) filter (where field = 3) as reason,
        arg_max(value, number) filter (where field = 4) as industry,
        arg_max(value, number) filter (where field = 5) as employees,
        max("at") as changed_at
    from change
    cross join run
    where "at" < run.observed_at
    group by change.lead
) as last on last.lead = lead.lead
where lead.known_at < run.observed_at
    and (lead.erased_at = -1 or lead.erased_at >= run.observed_at)
