-- One row per candidate: is_out says that it is void, also by an excluded event after its furthest step and
-- within the window; in any order, by one before it was complete.
create temp table judged as
select
    p.*,
    case
        when $order <> 'unordered'
            then p.is_void or coalesce(b.t <= p.start_t + cast($window as bigint), false)
        else coalesce(a.t <= p.start_t + cast($window as bigint), false)
            and not (p.step = cast($n_steps as integer) and p.t <= a.t)
    end as is_out
from candidate p
asof left join bar b on b.subject_id = p.subject_id and b.step = p.step + 1 and b.t > p.t
asof left join (select distinct subject_id, t from bar) a on a.subject_id = p.subject_id and a.t > p.start_t
