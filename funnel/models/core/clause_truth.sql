-- One row per record, alternative of a stage entry or exit, and moment at which one of its fields changed and all its clauses hold.
-- key: record_no, alternative_id, judged_at
-- time: judged_at is a UTC instant, judged by the contract in force at it; is_assumed: nothing recorded tells that moment; held_before: they also held at the moment before
with simple as (
    select s.record_no, s.alternative_id, s.valid_from as judged_at,
        s.evidence = 'assumed' and s.valid_from < s.valid_to as is_assumed, s.evidence = 'load' as is_from_load,
        lag(s.valid_from) over (partition by s.record_no, t.family order by s.change) as before_from,
        lag(s.valid_to) over (partition by s.record_no, t.family order by s.change) as before_to
    from core.clause_span as s
    inner join core.alternative as t on s.alternative_id = t.alternative_id
    where t.is_simple
),

moment as (
    select s.record_no, s.alternative_id, t.family, t.n_clauses, s.valid_from as judged_at,
        min(case when s.evidence = 'assumed' then 1 else 0 end) = 1 as is_assumed,
        min(case when s.evidence = 'load' then 1 else 0 end) = 1 as is_from_load
    from core.clause_span as s
    inner join core.alternative as t
        on s.alternative_id = t.alternative_id and t.effective_from <= s.valid_from and s.valid_from < t.effective_to
    where not t.is_simple
    group by s.record_no, s.alternative_id, t.family, t.n_clauses, s.valid_from
),

-- of two changes at one instant a single clause is judged on each, and the later one tells what holds after it
told as (
    select m.record_no, m.alternative_id, m.family, m.judged_at, m.is_assumed, m.is_from_load,
        count(case when s.holds then 1 end) >= m.n_clauses as holds,
        count(case when s.holds and m.judged_at < s.valid_to then 1 end) >= m.n_clauses as holds_after
    from moment as m
    inner join core.clause_span as s
        on m.record_no = s.record_no and m.alternative_id = s.alternative_id and s.valid_from <= m.judged_at
        and (m.judged_at < s.valid_to or (m.n_clauses = 1 and m.judged_at = s.valid_from))
    group by m.record_no, m.alternative_id, m.family, m.n_clauses, m.judged_at, m.is_assumed, m.is_from_load
),

stepped as (
    select t.*, lag(t.holds_after) over (partition by t.record_no, t.family order by t.judged_at) as held_before
    from told as t
)

select record_no, alternative_id, judged_at, is_assumed, is_from_load,
    coalesce(before_to = judged_at, false) as held_before
from simple
where before_from is null or before_from < judged_at
union all
select record_no, alternative_id, judged_at, is_assumed, is_from_load, coalesce(held_before, false) as held_before
from stepped
where holds
