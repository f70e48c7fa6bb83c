-- One row per record and moment at which the clauses of a stage or an exit began to hold.
-- key: record_key, part, name, alternative, judged_at
-- time: entered_at is a UTC instant, null when only today's value is known and not since when; precision says so
with stepped as (
    select t.*, a.family, lag(t.holds_after) over (partition by t.record_key, a.family order by t.judged_at) as held_before
    from core.clause_truth as t
    inner join core.alternative as a on t.alternative_id = a.alternative_id
),

began as (
    select * from stepped where holds and not coalesce(held_before, false)
)

select
    b.record_key,
    b.person_id,
    a.version,
    a.part,
    a.name,
    a.alternative,
    b.judged_at,
    case when not b.is_assumed then b.judged_at end as entered_at,
    case
        when b.is_assumed then 'unknown'
        when r.created_at = b.judged_at then coalesce(r.created_precision, 'second')
        else 'second'
    end as entered_precision,
    case when b.is_assumed then 'stamp' when b.is_from_load then 'load' else 'history' end as evidence
from began as b
inner join core.alternative as a on b.alternative_id = a.alternative_id
inner join core.record as r on b.record_key = r.record_key
