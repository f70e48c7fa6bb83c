-- One row per hand-off of known time: hours of both clocks from engagement, hand-off and assignment to what ended them.
-- key: handoff_id
-- time: hours without pauses, null where a moment is unknown, known only to the day, or has not come; 0 where the end came first
with lasted as (
    select
        handoff_id,
        case when is_touch_exact then touch_elapsed - engaged_elapsed end as wait_elapsed,
        case when is_touch_exact then touch_working - engaged_working end as wait_working,
        case when is_start_exact then start_elapsed - handed_elapsed end as queue_elapsed,
        case when is_start_exact then start_working - handed_working end as queue_working,
        case when is_touch_exact and is_start_exact then touch_elapsed - start_elapsed end as touch_elapsed,
        case when is_touch_exact and is_start_exact then touch_working - start_working end as touch_working
    from core.handoff_clock
)

select
    handoff_id,
    case when wait_elapsed < 0 then 0 else wait_elapsed end / 3600.0 as wait_elapsed_hours,
    case when wait_working < 0 then 0 else wait_working end / 3600.0 as wait_business_hours,
    case when queue_elapsed < 0 then 0 else queue_elapsed end / 3600.0 as queue_elapsed_hours,
    case when queue_working < 0 then 0 else queue_working end / 3600.0 as queue_business_hours,
    case when touch_elapsed < 0 then 0 else touch_elapsed end / 3600.0 as elapsed_hours,
    case when touch_working < 0 then 0 else touch_working end / 3600.0 as business_hours
from lasted
