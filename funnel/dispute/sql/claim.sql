-- One row per hand-off of the batch: what was said of it when it was sent back, beside what was done.
with claimed as (
    select d.*, c.later_at, c.is_person_converted, c.is_later_converted, c.refused_at, c.refused_for, c.answer,
        c.is_accepted, c.is_untouched, h.n_attempts, h.outcome_at as answered_at,
        lower(coalesce(d.exit_reason, '')) as reason,
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
    select *,
        exit in ('rejected', 'recycled') and regexp_matches(reason,
            'unreach|not reach|no response|no reply|no answer|unresponsive|bounce') as is_about_reach,
        exit in ('rejected', 'recycled') and regexp_matches(reason,
            '(bad|wrong|invalid|false) .*(contact|data|number|phone|mail|address)|bounce') as is_about_contact,
        exit in ('rejected', 'recycled') and regexp_matches(reason,
            'ideal customer|\bicp\b|(not|no|bad|poor) (a )?(good )?fit|too (small|large|big)|company size|wrong industry|out(side)? of (target|segment|scope)') as is_about_fit,
        exit in ('rejected', 'recycled') and regexp_matches(reason, 'duplicate|already in') as is_about_duplicate,
        exit = 'rejected' and regexp_matches(reason,
            'no (budget|timeline|time|money)|not now|timing|too early|next (year|quarter)') as is_about_timing
    from claimed
)

select * from judged
