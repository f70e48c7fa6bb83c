-- One row per attempt: an event of the first step; in any order, an event of any step.
create temp table reach as
select
    h.subject_id, h.pos as attempt, h.t as start_t, h.is_over, 1 as step, h.t, [h.pos] as path, [h.t] as times,
    [h.step] as done, false as is_void
from hit h
join step s on s.step = h.step
where h.can_start
    and h.twin_before is null
    and case when $order = 'unordered' then s.same_before is null else h.step = 1 end
