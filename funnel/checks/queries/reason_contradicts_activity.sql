-- title: No reason for a rejection is contradicted by what was done
-- layer: alignment
-- severity: warning
-- owner: sales
-- table: marts.cycle
-- needs: activity
-- why: 'unreachable' and 'bad contact data' are refuted by an answer since the hand-off (since the start where none is known), and by nobody having tried
with handed as (
    select cycle_id, min(handed_at) as handed_at from marts.handoff group by cycle_id
),

claimed as (
    select
        c.cycle_id, c.person_id, c.exit_reason, h.handed_at, coalesce(h.handed_at, c.started_at, timestamp '1900-01-01 00:00:00') as since_at,
        coalesce(c.exit_at + case when c.exit_precision = 'day' then 86399 else 0 end * interval 1 second, n.as_of) as decided_at
    from marts.cycle as c
    left join handed as h on c.cycle_id = h.cycle_id
    cross join run.context as n
    where
        c.exit in ('rejected', 'recycled')
        and regexp_matches(
            lower(c.exit_reason),
            'unreach|not reach|no response|no reply|no answer|unresponsive|(bad|wrong|invalid|false) .*(contact|data|number|phone|mail|address)|bounce'
        )
),

done as (
    select
        c.cycle_id, a.activity_id, a.happened_at,
        a.direction = 'inbound' or coalesce(regexp_matches(lower(a.outcome), '^(connected|answered|replied|reached|held|met|interested)'), false) as is_answer
    from claimed as c
    inner join core.activity as a on c.person_id = a.person_id and a.is_done and not a.is_automated
    where
        a.happened_at + case when a.happened_precision = 'day' then 86399 else 0 end * interval 1 second >= c.since_at
        and a.happened_at <= c.decided_at
)

select
    c.cycle_id as row_key,
    '''' || c.exit_reason || ''', but '
    || coalesce('the lead answered on ' || cast(min(case when d.is_answer then d.happened_at end) as varchar), 'nobody had tried to reach the lead') as detail
from claimed as c
left join done as d on c.cycle_id = d.cycle_id
group by c.cycle_id, c.exit_reason, c.handed_at
having (c.handed_at is not null and count(d.activity_id) = 0) or count(case when d.is_answer then 1 end) > 0
