-- One row per refused hand-off into $stage: what it was said to be, and what is on record about that.
with refused as (
    select h.*, r.* exclude (reason), a.exit as exit_of_reason, n.attempts as agreed
    from marts.handoff h
    left join reason r on r.reason = lower(h.outcome_reason)
    left join contract.reason a on a.version = h.version and lower(trim(a.reason)) = lower(trim(h.outcome_reason))
    left join (select version, max(attempts) as attempts from contract.sla where sla = 'cadence' group by version) n
        on n.version = h.version
    where h.stage = $stage and h.outcome in ('rejected', 'recycled', 'lost')
),

fit as (
    select handoff_id, case when bool_or(not passed) then false when count(*) = count(passed) then true end as fits
    from marts.handoff_clause
    where field <> 'score'
    group by handoff_id
),

-- what the person did or what a call found between this hand-off and the next
heard as (
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
),

mail as (
    select f.handoff_id,
        coalesce(regexp_matches(trim(a.value), '^[^@ ]+@[^@ ]+[.][^@ ]+$'), false) as is_valid
    from refused f
    join core.attribute a on a.record_key = f.record_key and a.field = 'email' and a.evidence <> 'assumed'
        and a.valid_from <= f.handed_at and f.handed_at < a.valid_to
),

onward as (
    select distinct f.handoff_id
    from refused f
    join contract.stage s on s.version = f.version and s.stage = f.stage
    join marts.stage_entry e on e.person_id = f.person_id and e.is_observed and e.position > s.position
        and e.entered_at > f.outcome_at
),

known as (
    select f.handoff_id, f.outcome as exit, f.outcome_reason as reason,
        case when f.is_about_duplicate then 'duplicate' when f.is_about_fit then 'fit'
            when f.is_about_contact then 'contact data' when f.is_about_reach then 'reachability'
            when f.is_about_timing then 'budget or time' end as claim,
        f.n_attempts, f.agreed, d.is_duplicate, d.has_twin, t.fits, m.is_valid,
        coalesce(h.has_replied, false) as has_replied, coalesce(h.is_wrong, false) as is_wrong,
        $is_followed and f.n_attempts + f.n_touches_before = 0 as is_untouched,
        f.exit_of_reason is not null and f.exit_of_reason <> f.outcome as is_other_exit,
        o.handoff_id is not null as is_later
    from refused f
    left join delivered d on d.handoff_id = f.handoff_id
    left join fit t on t.handoff_id = f.handoff_id
    left join heard h on h.handoff_id = f.handoff_id
    left join mail m on m.handoff_id = f.handoff_id
    left join onward o on o.handoff_id = f.handoff_id
)

select *,
    case claim
        when 'duplicate' then case when is_duplicate then 'supports' when not coalesce(has_twin, true)
            or not is_duplicate then 'contradicts' end
        when 'fit' then case when fits then 'contradicts' when not fits then 'supports' end
        when 'contact data' then case when has_replied then 'contradicts'
            when not is_valid or is_wrong then 'supports' when is_untouched and is_valid then 'contradicts' end
        when 'reachability' then case when has_replied then 'contradicts' when not $is_followed then null
            when n_attempts < agreed then 'contradicts' when n_attempts > 0 then 'supports' end
        when 'budget or time' then case when is_untouched then 'contradicts' end
    end as by_claim,
    exit = 'rejected' and is_untouched as is_rejected_untouched,
    exit = 'rejected' and is_later as is_rejected_later
from known
order by handoff_id
