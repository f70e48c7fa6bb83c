-- One row per refused hand-off: all that is on record about its reason.
with fit as (
    select handoff_id, case when bool_or(not passed) then false when count(*) = count(passed) then true end as fits
    from marts.handoff_clause
    where field <> 'score'
    group by handoff_id
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
)

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
