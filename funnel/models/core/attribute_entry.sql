-- One row per record and moment at which the clauses of a stage or an exit began to hold.
-- key: record_no, family, judged_at
-- time: entered_at is a UTC instant, null when only today's value is known and not since when; precision says so
select
    b.record_no,
    r.person_no,
    a.version,
    a.part,
    a.name,
    a.alternative,
    a.family,
    b.judged_at,
    case when not b.is_assumed then b.judged_at end as entered_at,
    case
        when b.is_assumed then 'unknown'
        when r.created_at = b.judged_at then coalesce(r.created_precision, 'second')
        else 'second'
    end as entered_precision,
    case when b.is_assumed then 'stamp' when b.is_from_load then 'load' else 'history' end as evidence
from core.clause_truth as b
inner join core.alternative as a on b.alternative_id = a.alternative_id
inner join core.record as r on b.record_no = r.record_no
where not b.held_before
