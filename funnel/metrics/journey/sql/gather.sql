-- Takes every attempt with $step steps done, in any order, one step further: by the next event within the
-- window that serves a step not done. Where it serves several, or one of them in several ways, all are kept;
-- of equal sets of steps done the earliest.
insert into reach
with here as (
    select * from reach where step = $step
),
wanted as (
    select h.*, s.step as goal
    from here h
    join step s on not list_contains(h.done, s.step)
        and (s.same_before is null or list_contains(h.done, s.same_before))
),
onward as (
    select w.*, g.pos as next_pos, g.t as next_t
    from wanted w
    asof join hit g on g.subject_id = w.subject_id and g.step = w.goal and g.pos > w.path[$step]
    where g.t - w.start_t <= cast($window as bigint)
    qualify g.pos = min(g.pos) over (partition by w.subject_id, w.path, w.done)
),
went as (
    select
        subject_id, attempt, start_t, is_over, step + 1 as step, next_t as t,
        list_append(path, next_pos) as path, list_append(times, next_t) as times,
        list_sort(list_append(done, goal)) as done, false as is_void
    from onward
)
select * from went
qualify row_number() over (partition by subject_id, attempt, done order by path[$step + 1], path) = 1
