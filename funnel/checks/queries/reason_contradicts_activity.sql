-- title: No reason for a rejection is contradicted by what was done
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.handoff
-- needs: activity
-- why: 'unreachable' and 'bad contact data' are refuted by an answer, and by nobody having tried
with claimed as (
    select
        h.*, lower(h.outcome_reason) as words,
        coalesce(h.outcome_at + case when h.outcome_precision = 'day' then 86399 else 0 end * interval 1 second, c.as_of) as decided_at
    from marts.handoff as h
    cross join run.context as c
    where
        h.outcome in ('rejected', 'recycled')
        and regexp_matches(
            lower(h.outcome_reason),
            'unreach|not reach|no response|no reply|no answer|unresponsive|(bad|wrong|invalid|false) .*(contact|data|number|phone|mail|address)|bounce'
        )
),

answer as (
    select c.handoff_id, count(*) as n_answers, min(a.happened_at) as first_at
    from claimed as c
    inner join core.activity as a on c.person_id = a.person_id
    where
        a.is_done and not a.is_automated and a.happened_at >= c.handed_at and a.happened_at <= c.decided_at
        and (
            a.direction = 'inbound'
            or regexp_matches(lower(a.outcome), '^(connected|answered|replied|reached|held|met|interested|completed meeting)')
        )
    group by c.handoff_id
)

select
    c.handoff_id as row_key,
    '''' || c.outcome_reason || ''', but '
    || coalesce('the lead answered on ' || cast(a.first_at as varchar), 'nobody had tried to reach the lead') as detail
from claimed as c
left join answer as a on c.handoff_id = a.handoff_id
where a.n_answers > 0 or c.n_attempts = 0
