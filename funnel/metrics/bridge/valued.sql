-- One row per such opportunity: its amount and expected close as it came in and as it went out.
select
    l.*,
    case when coalesce(t.has_amounts, false) then coalesce(t.amount_in, t.amount_first).v else l.amount end
        as raw_in,
    case
        when l.way_out <> 'end' and (l.closed_on < l.until_on or l.is_undated) then l.amount
        when coalesce(t.has_amounts, false) then coalesce(t.amount_out, t.amount_first).v
        else l.amount
    end as raw_out,
    coalesce(t.close_in, t.close_first).v as close_in_on,
    case when l.way_out <> 'end' and l.closed_on < l.until_on then l.closed_on
        else coalesce(t.close_out, t.close_first).v end as close_out_on
from moved l
left join told t on t.opportunity_id = l.opportunity_id
