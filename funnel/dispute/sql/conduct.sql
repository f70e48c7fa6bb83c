-- One row per hand-off of batch and baseline: what either side did with it, as far as the record shows.
-- is_later_converted: the person, or another of the same account, reached $outcome after the rejection or the
-- recycling; null where that has no date.
with own as (
    select d.*, h.outcome as answer, h.n_attempts, y.exit_at,
        y.exit_at + to_seconds(case when y.exit_precision = 'day' then 86399 else 0 end) as left_at,
        coalesce(k.outcome = 'met', false) as is_worked
    from compared d
    join marts.handoff h on h.handoff_id = d.handoff_id
    join core.cycle y on y.cycle_id = d.cycle_id
    left join marts.handoff_sla k on k.handoff_id = d.handoff_id and k.sla = 'cadence'
),

-- the account of a person, else the one that owns the domain of the e-mail address
kin as (
    select p.person_id, coalesce(p.account_id, a.account_id) as account_id
    from core.person p
    left join (
        select lower(domain) as domain, min(account_id) as account_id
        from core.account where domain is not null group by lower(domain)
    ) a on lower(split_part(p.email, '@', 2)) = a.domain
),

entry as (
    select e.person_id, coalesce(o.account_id, k.account_id) as account_id, e.entered_at
    from marts.stage_entry e
    join marts.cycle y on y.cycle_id = e.cycle_id
    left join core.opportunity o on o.opportunity_id = y.opportunity_id
    left join kin k on k.person_id = e.person_id
    where e.stage = $outcome and e.entered_at is not null and not e.is_impossible
),

by_person as (
    select person_id, max(entered_at) as entered_at from entry where person_id is not null group by person_id
),

by_account as (
    select account_id, max(entered_at) as entered_at from entry where account_id is not null group by account_id
),

refused_before as (
    select d.handoff_id, max(y.exit_at) as refused_at, arg_max(y.exit_reason, y.exit_at) as refused_for
    from compared d
    join core.cycle y on y.subject_id = d.person_id and y.exit = 'rejected' and y.exit_at < d.handed_at
    group by d.handoff_id
),

last_pass as (
    select subject_id, max(pass) as pass from core.cycle group by subject_id
)

select
    o.handoff_id, o.in_batch, o.exit, o.exit_reason, o.answer, o.is_followed, o.met_definition, o.is_worked,
    o.answer = 'accepted' or coalesce(o.converted, true) as is_accepted,
    o.n_touches_all = 0 as is_untouched,
    case when o.exit not in ('rejected', 'recycled') then null when o.left_at is null then null
        else coalesce(p.entered_at > o.left_at, false) end as is_person_converted,
    case when o.exit not in ('rejected', 'recycled') then null when o.left_at is null then null
        else coalesce(p.entered_at > o.left_at or a.entered_at > o.left_at, false) end as is_later_converted,
    case when p.entered_at > o.left_at then p.entered_at when a.entered_at > o.left_at then a.entered_at end as later_at,
    l.pass > o.pass as is_back,
    b.handoff_id is not null as is_handed_again, b.refused_at, b.refused_for
from own o
left join kin k on k.person_id = o.person_id
left join by_person p on p.person_id = o.person_id
left join by_account a on a.account_id = k.account_id
left join last_pass l on l.subject_id = o.person_id
left join refused_before b on b.handoff_id = o.handoff_id
order by o.handoff_id
