-- One row per opportunity that was pipeline at some time in the span: how it came in and how it went out.
with moved as (
    select
        d.*,
        p.back_on,
        case
            when d.opened_on >= d.until_on then null
            when d.is_undated and d.opened_on < d.start_on then null
            when d.opened_on >= d.start_on then 'new'
            when d.closed_on < d.start_on then null
            when p.state_in is null then 'start'
            when p.back_on < d.until_on then 'reopened'
        end as way_in,
        case
            when d.is_undated then 'undated'
            when d.closed_on < d.until_on then d.outcome
            else coalesce(p.state_out, 'end')
        end as way_out
    from deal d
    left join paused p on p.opportunity_id = d.opportunity_id
    where d.opened_on is not null
)

select *,
    case way_in when 'start' then start_on when 'new' then opened_on + 1 else back_on + 1 end as in_on
from moved
where way_in is not null
