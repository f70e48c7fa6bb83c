-- One row per person, where no event serves several steps and nothing is excluded, in any order: the steps
-- within the window of each event can then be counted at once, so only the first of the best starts is walked.
create temp table reach as
with reachable as (
    select
        subject_id, pos, can_start,
        bit_count(bit_or(served) over (
            partition by subject_id order by t range between current row and cast($window as bigint) following
        )) as n_within
    from event
    where served > 0
),
chosen as (
    select subject_id, min({'missing': -n_within, 'pos': pos}) as first_best
    from reachable
    where can_start
    group by subject_id
)
select
    h.subject_id, h.pos as attempt, h.t as start_t, h.is_over, 1 as step, h.t, [h.pos] as path, [h.t] as times,
    [h.step] as done, false as is_void
from chosen c
join hit h on h.subject_id = c.subject_id and h.pos = c.first_best.pos
