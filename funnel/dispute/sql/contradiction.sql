-- One row per hand-off of the batch and contradiction between what was said of it and what is on record.
with answer as (
    select j.handoff_id, min(a.happened_at) as answered_at
    from claim j
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
    from claim j join answer a on a.handoff_id = j.handoff_id
    union all
    select handoff_id, 'contact_but_untried', 'Bad contact data or unreachable, yet nobody tried',
        '''' || exit_reason || ''', but no touch is on record'
    from claim where (is_about_reach or is_about_contact) and is_untouched and is_followed
    union all
    select handoff_id, 'unreachable_tried_less', 'Unreachable, after fewer attempts than agreed',
        '''' || exit_reason || ''', after ' || n_attempts || ' of the agreed ' || agreed || ' attempts'
    from claim where is_about_reach and not is_untouched and n_attempts < agreed and is_followed
    union all
    select handoff_id, 'timing_but_rejected', 'No budget or no time, closed as rejected',
        '''' || exit_reason || ''' is a reason to recycle; it was closed as rejected'
    from claim where exit = 'rejected' and (exit_of_reason = 'recycled' or (exit_of_reason is null and is_about_timing))
    union all
    select handoff_id, 'bad_but_recycled', 'A reason to reject, closed as recycled',
        '''' || exit_reason || ''' is a reason to reject; it was closed as recycled'
    from claim where exit = 'recycled' and exit_of_reason = 'rejected'
    union all
    select handoff_id, 'rejected_untouched', 'Rejected untouched',
        'Rejected' || coalesce(' as ''' || exit_reason || '''', '') || ' with no human touch on record'
    from claim where exit = 'rejected' and is_untouched and is_followed
    union all
    select handoff_id, 'accepted_untouched', 'Accepted untouched',
        'Accepted' || coalesce(' on ' || strftime(answered_at, '%Y-%m-%d'), '') || ' with no human touch on record'
    from claim where is_accepted and is_untouched and is_followed
    union all
    select handoff_id, 'converted_then_rejected', 'Converted, then rejected',
        'Converted on ' || strftime(outcome_at, '%Y-%m-%d') || ' and rejected'
        || coalesce(' as ''' || exit_reason || '''', '') || ' later'
    from claim where converted and exit = 'rejected'
    union all
    select handoff_id, 'rejected_then_converted', 'Rejected, then converted',
        'Rejected' || coalesce(' as ''' || exit_reason || '''', '') || ', but '
        || case when is_person_converted then 'the same person' else 'another person of the account' end
        || ' converted on ' || strftime(later_at, '%Y-%m-%d')
    from claim where exit = 'rejected' and is_later_converted and not coalesce(converted, false)
    union all
    select handoff_id, 'fit_but_met', 'No fit, yet every clause of the definition was met',
        '''' || exit_reason || ''', but it met the agreed definition at the hand-off'
    from claim where is_about_fit and met_definition
    union all
    select handoff_id, 'duplicate_but_one', 'Duplicate, yet no second record',
        '''' || exit_reason || ''', but no other record of this person existed at the hand-off'
    from claim where is_about_duplicate and not is_duplicate
    union all
    select handoff_id, 'handed_against_definition', 'Handed over against the definition',
        'Handed over, but it did not meet the agreed definition'
    from claim where not met_definition
    union all
    select handoff_id, 'handed_again', 'Handed over again after a rejection',
        'Rejected on ' || strftime(refused_at, '%Y-%m-%d') || coalesce(' as ''' || refused_for || '''', '')
        || ', and handed over again'
    from claim where refused_at is not null
)

select handoff_id, contradiction, title, detail
from found
order by handoff_id, contradiction
