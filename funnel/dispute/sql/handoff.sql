-- One row per hand-off of known time into $stage: what was known then, how it was followed up until the
-- landmark, its outcome or its exit, and whether $outcome was reached. Times: naive UTC; hours: business.
with handed as (
    select h.*, split_part(coalesce(h.record_key, h.person_id, h.cycle_id), ':', 1) as source
    from marts.handoff h
    where h.stage = $stage and h.handed_at is not null
),

known as (
    select h.handoff_id,
        max(a.value) filter (where a.field = 'score') as score,
        max(a.value) filter (where a.field = 'employees') as employees,
        max(a.value) filter (where a.field = 'channel') as channel,
        max(a.value) filter (where a.field = 'region') as region,
        max(a.value) filter (where a.field = 'country') as country,
        max(a.value) filter (where a.field = 'industry') as industry,
        max(a.value) filter (where a.field = 'persona') as persona,
        max(a.value) filter (where a.field = 'lead_type') as lead_type
    from handed h
    join core.attribute a on a.record_key = h.record_key
        and a.valid_from <= h.handed_at and h.handed_at < a.valid_to
    where a.field in ('score', 'employees', 'channel', 'region', 'country', 'industry', 'persona', 'lead_type')
    group by h.handoff_id
),

-- a field without any history in its source has but one known value: the recorded one stands in for it
recorded_clause as (
    select c.handoff_id,
        case
            when t.field is not null or v.field is null then null
            when k.op in ('present', 'valid_email') and v.value is null then false
            when v.value is null then null
            when k.op = 'in' then l.value is not null
            when k.op = 'not_in' then l.value is null
            when k.op = 'at_least' then try_cast(v.value as double) >= k.low
            when k.op = 'at_most' then try_cast(v.value as double) <= k.high
            when k.op = 'between' then try_cast(v.value as double) between k.low and k.high
            when k.op = 'present' then trim(v.value) <> ''
            when k.op = 'valid_email' then regexp_matches(lower(trim(v.value)), '^[^@ ]+@[^@ ]+[.][^@ ]+$')
        end as passed
    from marts.handoff_clause c
    join handed h on h.handoff_id = c.handoff_id
    join contract.clause k on k.clause_id = c.clause_id
    left join core.tracked_field t on t.source = h.source and t.field = c.field
    left join core.attribute v on v.record_key = h.record_key and v.field = c.field
        and v.valid_from <= h.handed_at and h.handed_at < v.valid_to
    left join contract.clause_value l on l.clause_id = c.clause_id and lower(trim(l.value)) = lower(trim(v.value))
    where c.passed is null and c.evidence = 'unknown'
),

recorded as (
    select handoff_id, count(*) as n, count(*) filter (where not passed) as n_failed,
        count(*) filter (where passed is not null) as n_known
    from recorded_clause
    group by handoff_id
),

filled as (
    select f.handoff_id, avg(case when coalesce(f.is_present, trim(v.value) <> '', false) then 1.0 else 0.0 end)
        filter (where f.is_present is not null or (t.field is null and v.field is not null)) as completeness
    from marts.handoff_field f
    join handed h on h.handoff_id = f.handoff_id
    left join core.tracked_field t on f.is_present is null and t.source = h.source and t.field = f.field
    left join core.attribute v on f.is_present is null and v.record_key = h.record_key and v.field = f.field
        and v.valid_from <= h.handed_at and h.handed_at < v.valid_to
    group by f.handoff_id
),

twin as (
    select h.handoff_id, case when bool_or(r.created_at < h.handed_at) then true
        when count(*) filter (where r.created_at is null) = 0 then false end as is_duplicate
    from handed h
    join core.record r on r.person_id = h.person_id and r.record_key <> h.record_key
    group by h.handoff_id
),

reached as (
    select h.handoff_id, e.is_observed,
        case when not e.is_impossible then e.entered_at end as entered_at, e.entered_precision, e.entered_on,
        e.entered_at + to_seconds(case when e.entered_precision = 'day' then 86399 else 0 end) as end_at
    from handed h
    join marts.stage_entry e on e.cycle_id = h.cycle_id and e.stage = $outcome
),

gone as (
    select h.handoff_id, y.exit, y.exit_reason, y.exit_at, y.exit_precision,
        y.exit_at + to_seconds(case when y.exit_precision = 'day' then 86399 else 0 end) as end_at
    from handed h
    join core.cycle y on y.cycle_id = h.cycle_id
    where y.exit is not null
        and (y.exit_at is null or y.exit_at + to_seconds(case when y.exit_precision = 'day' then 86399 else 0 end) >= h.handed_at)
),

-- an outcome or exit known to the day ends with its day
counted as (
    select h.handoff_id, h.version, h.calendar, h.handed_at,
        least(
            h.handed_at + to_seconds($landmark_seconds),
            case when r.end_at >= h.handed_at
                then case when r.entered_precision = 'day' then r.end_at + to_seconds(1) else r.entered_at end end,
            case when g.exit_precision = 'day' then g.end_at + to_seconds(1) else g.exit_at end
        ) as until_at
    from handed h
    left join reached r on r.handoff_id = h.handoff_id
    left join gone g on g.handoff_id = h.handoff_id
),

touch as (
    select t.handoff_id, t.touched_at, t.touched_precision, t.touched_at < c.until_at as is_counted,
        cast(t.touched_at + to_seconds(z.offset_seconds) as date) as touched_on
    from core.handoff_touch t
    join counted c on c.handoff_id = t.handoff_id
    left join run.zone_offset z on z.starts_at <= t.touched_at and t.touched_at < z.ends_at
),

touched as (
    select handoff_id, count(*) as n_touches_all, min(touched_at) as first_touch_at,
        count(*) filter (where is_counted) as n_touches,
        count(distinct touched_on) filter (where is_counted) as n_touch_days,
        min(touched_at + to_seconds(case when touched_precision = 'day' then 43200 else 0 end))
            filter (where is_counted) as counted_at
    from touch
    group by handoff_id
),

-- a touch known to the day counts from its noon, and never before the hand-off
span as (
    select c.handoff_id, c.handed_at, greatest(t.counted_at, c.handed_at) as touch_at,
        b.seconds_before + date_diff('second', b.starts_at, least(c.handed_at, b.ends_at)) as handed_working,
        e.seconds_before + date_diff('second', e.starts_at, least(greatest(t.counted_at, c.handed_at), e.ends_at))
            as touch_working
    from touched t
    join counted c on c.handoff_id = t.handoff_id
    left join core.business_span b
        on b.version = c.version and b.calendar = c.calendar and b.day_on = cast(c.handed_at as date)
        and b.starts_at <= c.handed_at and c.handed_at < b.next_starts_at
    left join core.business_span e
        on e.version = c.version and e.calendar = c.calendar
        and e.day_on = cast(greatest(t.counted_at, c.handed_at) as date)
        and e.starts_at <= greatest(t.counted_at, c.handed_at)
        and greatest(t.counted_at, c.handed_at) < e.next_starts_at
    where t.counted_at is not null
),

paused as (
    select s.handoff_id, sum(greatest(0, least(s.touch_working, p.resumed_working)
        - greatest(s.handed_working, p.paused_working))) as seconds
    from core.handoff_pause p
    join span s on s.handoff_id = p.handoff_id and p.paused_at < s.touch_at and p.resumed_at > s.handed_at
    group by s.handoff_id
),

answered as (
    select s.handoff_id, greatest(0, coalesce(
        s.touch_working - s.handed_working - coalesce(p.seconds, 0), date_diff('second', s.handed_at, s.touch_at)
    )) / 3600.0 as touch_hours
    from span s
    left join paused p on p.handoff_id = s.handoff_id
),

active as (
    select split_part(activity_id, ':', 1) as source, min(coalesce(happened_at, created_at)) as since_at
    from core.activity
    group by split_part(activity_id, ':', 1)
),

joined as (
    select
        h.handoff_id, h.cycle_id, h.person_id, h.record_key, h.source, h.pass, h.handed_at, h.handed_precision,
        h.handed_on, h.month_on, h.version, h.age_days,
        case when r.handoff_id is null then false when r.entered_at is not null then true end as converted,
        case when r.entered_at is null then null
            when 'day' in (h.handed_precision, r.entered_precision)
                then greatest(0, date_diff('day', h.handed_on, r.entered_on))
            else greatest(0, date_diff('second', h.handed_at, r.entered_at) / 86400.0) end as days_to_outcome,
        r.entered_at as outcome_at,
        coalesce(r.end_at < h.handed_at and r.entered_at is not null, false) as is_outcome_before,
        coalesce(not r.is_observed, false) as is_imputed_outcome,
        case when h.n_failed > 0 or d.n_failed > 0 then false
            when h.n_unknown > coalesce(d.n_known, 0) then null
            when h.n_clauses > 0 then true end as met_definition,
        h.n_unknown - coalesce(d.n_known, 0) as n_clauses_unknown,
        case when h.n_clauses = 0 then null when d.n_known > 0 then 'as recorded' else 'history' end as definition_evidence,
        coalesce(try_cast(k.score as double), p.score) as score,
        f.completeness,
        case when w.handoff_id is not null then w.is_duplicate
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
        s.touch_hours, coalesce(t.n_touches, 0) as n_touches, coalesce(t.n_touch_days, 0) as n_touch_days,
        g.exit, g.exit_reason, case when g.exit_at is not null
            then greatest(0, date_diff('second', h.handed_at, g.exit_at) / 86400.0) end as exit_days,
        h.owner_id, coalesce(t.n_touches_all, 0) as n_touches_all, t.first_touch_at, o.seen_at
    from handed h
    left join known k on k.handoff_id = h.handoff_id
    left join recorded d on d.handoff_id = h.handoff_id
    left join filled f on f.handoff_id = h.handoff_id
    left join twin w on w.handoff_id = h.handoff_id
    left join reached r on r.handoff_id = h.handoff_id
    left join gone g on g.handoff_id = h.handoff_id
    left join touched t on t.handoff_id = h.handoff_id
    left join answered s on s.handoff_id = h.handoff_id
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
