-- One row per hand-off of the batch and contradiction between what was said of it and what is on record.
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
),

answer as (
    select j.handoff_id, min(a.happened_at) as answered_at
    from judged j
    join core.activity a on a.person_id = j.person_id and a.is_done and not a.is_automated
    where (j.is_about_reach or j.is_about_contact) and a.happened_at < j.until_at
        and a.happened_at + to_seconds(case when a.happened_precision = 'day' then 86399 else 0 end) >= j.handed_at
        and (a.direction = 'inbound' or regexp_matches(lower(coalesce(a.outcome, '')),
            '^(connected|answered|replied|reached|held|met|interested)'))
    group by j.handoff_id
),

found as (
    select j.handoff_id, 'contact_but_reply' as contradiction, 'Bad contact data or unreachable, yet a reply' as title,
        '''' || exit_reason || ''', but the lead answered on ' || strftime(a.answered_at, '%Y-%m-%d') as detail
    from judged j join answer a on a.handoff_id = j.handoff_id
    union all
    select handoff_id, 'contact_but_untried', 'Bad contact data or unreachable, yet nobody tried',
        '''' || exit_reason || ''', but no touch is on record'
    from judged where (is_about_reach or is_about_contact) and is_untouched and is_followed
    union all
    select handoff_id, 'unreachable_tried_less', 'Unreachable, after fewer attempts than agreed',
        '''' || exit_reason || ''', after ' || n_attempts || ' of the agreed ' || agreed || ' attempts'
    from judged where is_about_reach and not is_untouched and n_attempts < agreed and is_followed
    union all
    select handoff_id, 'timing_but_rejected', 'No budget or no time, closed as rejected',
        '''' || exit_reason || ''' is a reason to recycle; it was closed as rejected'
    from judged where exit = 'rejected' and (exit_of_reason = 'recycled' or (exit_of_reason is null and is_about_timing))
    union all
    select handoff_id, 'bad_but_recycled', 'A reason to reject, closed as recycled',
        '''' || exit_reason || ''' is a reason to reject; it was closed as recycled'
    from judged where exit = 'recycled' and exit_of_reason = 'rejected'
    union all
    select handoff_id, 'rejected_untouched', 'Rejected untouched',
        'Rejected' || coalesce(' as ''' || exit_reason || '''', '') || ' with no human touch on record'
    from judged where exit = 'rejected' and is_untouched and is_followed
    union all
    select handoff_id, 'accepted_untouched', 'Accepted untouched',
        'Accepted' || coalesce(' on ' || strftime(answered_at, '%Y-%m-%d'), '') || ' with no human touch on record'
    from judged where is_accepted and is_untouched and is_followed
    union all
    select handoff_id, 'converted_then_rejected', 'Converted, then rejected',
        'Converted on ' || strftime(outcome_at, '%Y-%m-%d') || ' and rejected'
        || coalesce(' as ''' || exit_reason || '''', '') || ' later'
    from judged where converted and exit = 'rejected'
    union all
    select handoff_id, 'rejected_then_converted', 'Rejected, then converted',
        'Rejected' || coalesce(' as ''' || exit_reason || '''', '') || ', but '
        || case when is_person_converted then 'the same person' else 'another person of the account' end
        || ' converted on ' || strftime(later_at, '%Y-%m-%d')
    from judged where exit = 'rejected' and is_later_converted and not coalesce(converted, false)
    union all
    select handoff_id, 'fit_but_met', 'No fit, yet every clause of the definition was met',
        '''' || exit_reason || ''', but it met the agreed definition at the hand-off'
    from judged where is_about_fit and met_definition
    union all
    select handoff_id, 'duplicate_but_one', 'Duplicate, yet no second record',
        '''' || exit_reason || ''', but no other record of this person existed at the hand-off'
    from judged where is_about_duplicate and not is_duplicate
    union all
    select handoff_id, 'handed_against_definition', 'Handed over against the definition',
        'Handed over, but it did not meet the agreed definition'
    from judged where not met_definition
    union all
    select handoff_id, 'handed_again', 'Handed over again after a rejection',
        'Rejected on ' || strftime(refused_at, '%Y-%m-%d') || coalesce(' as ''' || refused_for || '''', '')
        || ', and handed over again'
    from judged where refused_at is not null
)

select handoff_id, contradiction, title, detail
from found
order by handoff_id, contradiction
