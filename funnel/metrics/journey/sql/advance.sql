-- Takes every attempt that stands at $step one step further, by the earliest event that serves: first one of
-- the same instant, else one of the next instant within the window (strict: the next instant of any event).
-- Events that differ in what else they serve are all tried. An excluded event strictly between makes it void.
insert into reach
with here as (
    select * from reach where step = $step and not is_void
),
goal as (
    select * from hit where step = $step + 1
),
stay as (
    select h.*, g.pos as next_pos, g.t as next_t
    from here h
    join goal g on g.subject_id = h.subject_id and g.t = h.t
    where not cast($is_increase as boolean)
        and case
            when cast($is_reuse as boolean) then g.twin_before is null
            else not list_contains(h.path, g.pos)
                and (g.twin_before is null or list_contains(h.path, g.twin_before))
        end
),
moment as (
    select subject_id, t from goal where $order <> 'strict' and twin_before is null
    union all
    select subject_id, t from event where $order = 'strict'
),
leaving as (
    select h.*
    from here h
    anti join (select subject_id, path from stay where $order <> 'strict') s
        on s.subject_id = h.subject_id and s.path = h.path
),
onward as (
    select l.*, m.t as next_t
    from leaving l
    asof join moment m on m.subject_id = l.subject_id and m.t > l.t
    where m.t - l.start_t <= cast($window as bigint)
),
went as (
    select * from stay
    union all
    select o.* exclude (next_t), g.pos as next_pos, o.next_t
    from onward o
    join goal g on g.subject_id = o.subject_id and g.t = o.next_t and g.twin_before is null
)
select
    w.subject_id, w.attempt, w.start_t, w.is_over, w.step + 1, w.next_t, list_append(w.path, w.next_pos),
    list_append(w.times, w.next_t), w.done, coalesce(b.t < w.next_t, false)
from went w
asof left join (select subject_id, t from bar where step = $step + 1) b
    on b.subject_id = w.subject_id and b.t > w.t
