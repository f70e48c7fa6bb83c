-- One row per record, alternative of a stage entry or exit, and moment at which one of its fields changed: do all its clauses hold then?
-- key: record_key, alternative_id, judged_at
-- time: judged_at is a UTC instant, judged by the contract in force at it; is_assumed: nothing recorded tells that moment
with changed as (
    select s.*, t.n_clauses
    from core.clause_span as s
    inner join core.alternative as t
        on s.alternative_id = t.alternative_id and t.effective_from <= s.valid_from and s.valid_from < t.effective_to
),

moment as (
    select
        record_key, person_id, alternative_id, n_clauses, valid_from as judged_at,
        min(case when evidence = 'assumed' then 1 else 0 end) = 1 as is_assumed,
        min(case when evidence = 'load' then 1 else 0 end) = 1 as is_from_load
    from changed
    where n_clauses > 1
    group by record_key, person_id, alternative_id, n_clauses, valid_from
)

-- of two changes at one instant each is judged, and the later one tells what holds after it
select
    record_key, person_id, alternative_id, valid_from as judged_at,
    max(case when holds then 1 else 0 end) = 1 as holds,
    max(case when holds and valid_from < valid_to then 1 else 0 end) = 1 as holds_after,
    min(case when evidence = 'assumed' then 1 else 0 end) = 1 as is_assumed,
    min(case when evidence = 'load' then 1 else 0 end) = 1 as is_from_load
from changed
where n_clauses = 1
group by record_key, person_id, alternative_id, valid_from
union all
select
    m.record_key, m.person_id, m.alternative_id, m.judged_at,
    count(case when s.holds then 1 end) = m.n_clauses as holds,
    count(case when s.holds then 1 end) = m.n_clauses as holds_after,
    m.is_assumed, m.is_from_load
from moment as m
inner join core.clause_span as s
    on m.record_key = s.record_key and m.alternative_id = s.alternative_id
    and s.valid_from <= m.judged_at and m.judged_at < s.valid_to
group by m.record_key, m.person_id, m.alternative_id, m.n_clauses, m.judged_at, m.is_assumed, m.is_from_load
