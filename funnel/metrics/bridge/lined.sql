-- One row per opportunity of the bridge: the line by which it came in and the one by which it went out.
with due as (
    select
        *,
        cast(100 * case when is_money then raw_in end as bigint) as cents_in,
        cast(100 * case when is_money then raw_out end as bigint) as cents_out,
        coalesce(close_in_on >= start_on and close_in_on < end_on, false) as is_due_in,
        case
            when way_out in ('won', 'lost') then true
            when way_out = 'undated' then coalesce(close_in_on >= start_on and close_in_on < end_on, false)
            else coalesce(close_out_on >= start_on and close_out_on < end_on, false)
        end as is_due_out
    from valued
)

select
    opportunity_id, cycle_id, account_id, segment, opened_on, closed_on, close_in_on, close_out_on, cents_in, cents_out,
    case when $scope = 'open' or is_due_in then way_in else 'moved_in' end as line_in,
    case when $scope = 'open' or is_due_out then way_out else 'slipped' end as line_out
from due
where $scope = 'open' or is_due_in or is_due_out
