-- title: No reason for a rejection is contradicted by the record itself
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.cycle
-- needs: person
-- why: a lead that met every clause of the definition at each hand-off is no bad fit, and a duplicate has a second record
with judged as (
    select cycle_id, min(case when met_definition then 1 when not met_definition then 0 end) = 1 as met_definition
    from marts.handoff
    where handed_at is not null
    group by cycle_id
),

claimed as (
    select
        c.cycle_id, c.exit_reason, j.met_definition, p.n_records,
        regexp_matches(
            lower(c.exit_reason),
            'ideal customer|\bicp\b|(not|no|bad|poor) (a )?(good )?fit|too (small|large|big)|company size|wrong industry|out(side)? of (target|segment|scope)'
        ) as is_about_fit,
        regexp_matches(lower(c.exit_reason), 'duplicate|already in') as is_about_duplicate
    from marts.cycle as c
    left join judged as j on c.cycle_id = j.cycle_id
    left join core.person as p on c.person_id = p.person_id
    where c.exit in ('rejected', 'recycled')
)

select
    cycle_id as row_key,
    '''' || exit_reason || ''', but '
    || case when is_about_fit then 'it met every clause of the definition' else 'no second record of this person is known' end as detail
from claimed
where (is_about_fit and met_definition) or (is_about_duplicate and n_records = 1)
