-- One row per event: pos is its place among the person's events, equal instants in funnel order; twin_before
-- is the event before it that serves the same steps at the same instant, so that only one order of the two
-- is tried; can_start says that its attempt lies in the period and is old enough, is_over that its window is.
with ranged as (
    select
        *,
        case when is_by_day then t + cast($window as bigint) < coalesce(cast($until_day as bigint), t + $window + 1)
            else t + cast($window as bigint) <= coalesce(cast($until_t as bigint), t + $window) end as is_over,
        case
            when is_by_day then t >= coalesce(cast($from_day as bigint), t)
                and t < coalesce(cast($to_day as bigint), t + 1)
            else t >= coalesce(cast($from_t as bigint), t) and t < coalesce(cast($to_t as bigint), t + 1)
        end as is_in_period
    from timed
)
select
    subject_id, happened_at, value, served, barred, t, is_by_day, is_over, is_in_period,
    is_in_period and (is_over or not cast($mature_only as boolean)) as can_start,
    row_number() over ordered as pos,
    case
        when lag(served) over ordered = served and lag(t) over ordered = t then row_number() over ordered - 1
    end as twin_before
from ranged
window ordered as (partition by subject_id order by t, served, event_key)
