-- title: No reason for a rejection is contradicted by the record itself
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.handoff
-- needs: person
-- why: a lead that met every clause of the definition is no bad fit, and a duplicate has a second record
with claimed as (
    select
        h.handoff_id, h.outcome_reason, h.met_definition, p.n_records,
        regexp_matches(
            lower(h.outcome_reason),
            'ideal customer|\bicp\b|(not|no|bad|poor) (a )?(good )?fit|too (small|large|big)|company size|wrong industry|out(side)? of (target|segment|scope)'
        ) as is_about_fit,
        regexp_matches(lower(h.outcome_reason), 'duplicate|already in') as is_about_duplicate
    from marts.handoff as h
    left join core.person as p on h.person_id = p.person_id
    where h.outcome in ('rejected', 'recycled')
)

select
    handoff_id as row_key,
    '''' || outcome_reason || ''', but '
    || case when is_about_fit then 'it met every clause of the definition' else 'no second record of this person is known' end as detail
from claimed
where (is_about_fit and met_definition) or (is_about_duplicate and n_records = 1)
