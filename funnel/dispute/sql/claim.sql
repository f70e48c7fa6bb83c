-- One row per hand-off of the batch: what was said of it when it was sent back, beside what was done.
with claimed as (
    select d.*, c.later_at, c.is_person_converted, c.is_later_converted, c.refused_at, c.refused_for, c.answer,
        c.is_accepted, c.is_untouched, h.n_attempts, h.outcome_at as answered_at,
        lower(d.exit_reason) as said,
        coalesce(w.next_handed_at, timestamp '9999-12-31 00:00:00') as until_at,
        n.attempts as agreed, r.exit as exit_of_reason
    from disputed d
    join conduct c on c.handoff_id = d.handoff_id
    join marts.handoff h on h.handoff_id = d.handoff_id
    left join core.handoff_window w on w.handoff_id = d.handoff_id
    left join (select version, max(attempts) as attempts from contract.sla where sla = 'cadence' group by version) n
        on n.version = d.version
    left join contract.reason r on r.version = d.version and lower(trim(r.reason)) = lower(trim(d.exit_reason))
),

judged as (
    select c.*,
        exit in ('rejected', 'recycled') and coalesce(s.is_about_reach, false) as is_about_reach,
        exit in ('rejected', 'recycled') and coalesce(s.is_about_contact, false) as is_about_contact,
        exit in ('rejected', 'recycled') and coalesce(s.is_about_fit, false) as is_about_fit,
        exit in ('rejected', 'recycled') and coalesce(s.is_about_duplicate, false) as is_about_duplicate,
        exit = 'rejected' and coalesce(s.is_about_timing, false) as is_about_timing
    from claimed c
    left join reason s on s.reason = c.said
)

select * from judged
