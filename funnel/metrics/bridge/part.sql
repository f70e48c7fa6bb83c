-- One row per opportunity and line of the bridge that it is in, with what it does to the number and the amount.
with part as (
    select *, line_in as line, 1 as n_change,
        case when line_in = 'moved_in' then cents_out else cents_in end as cents
    from lined
    union all
    select *,
        case
            when cents_in is null or cents_out is null then 'valued'
            when cents_out > cents_in then 'raised'
            else 'lowered'
        end as line,
        0 as n_change,
        coalesce(cents_out, 0) - coalesce(cents_in, 0) as cents
    from lined
    where line_in <> 'moved_in' and line_out <> 'slipped' and cents_in is distinct from cents_out
    union all
    select *, line_out as line, case when line_out = 'end' then 1 else -1 end as n_change,
        case line_out when 'end' then cents_out when 'slipped' then -cents_in else -cents_out end as cents
    from lined
)

select
    line, opportunity_id, cycle_id, account_id, segment, opened_on, closed_on, close_in_on, close_out_on, n_change, cents,
    cents_in, cents_out
from part
order by line, opportunity_id
