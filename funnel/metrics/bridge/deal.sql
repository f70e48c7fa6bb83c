-- One row per opportunity that was pipeline at some time in the span: how it came in, how it went out, at what amount and expected close.
with given as (
    select
        cast($start_on as date) as start_on,
        cast($end_on as date) as end_on,
        cast($until_on as date) as until_on,
        currency
    from run.context
),

deal as (
    select
        o.opportunity_id, o.cycle_id, o.account_id, o.outcome, o.closed_on, o.amount,
        case when o.created_on is not null then least(o.created_on, coalesce(o.closed_on, o.created_on)) end
            as opened_on,
        o.outcome <> 'open' and o.closed_on is null as is_undated,
        coalesce(o.currency, g.currency) = g.currency as is_money,
        split_by($by, o) as segment,
        g.start_on, g.end_on, g.until_on
    from marts.opportunity o
    cross join given g
),

change as (
    -- an amount that is told only with the closing is no history of amounts
    select *, coalesce(changed_on, date '0001-01-01') as day_on,
        count(amount) over (partition by opportunity_id) > 0
            and count(case when state = 'open' then amount end)
                over (partition by split_part(opportunity_id, ':', 1)) > 0 as has_amounts
    from marts.opportunity_change
),

turn as (
    select opportunity_id, state, day_on as closed_on,
        lead(day_on) over (partition by opportunity_id order by place) as reopened_on
    from change
    where (state = 'open') <> (coalesce(old_state, 'open') = 'open')
),

paused as (
    select
        d.opportunity_id,
        max(t.state) filter (where t.closed_on < d.start_on and t.reopened_on >= d.start_on) as state_in,
        max(t.reopened_on) filter (where t.closed_on < d.start_on and t.reopened_on >= d.start_on) as back_on,
        max(t.state) filter (where t.closed_on < d.until_on and t.reopened_on >= d.until_on) as state_out
    from deal d
    join turn t on t.opportunity_id = d.opportunity_id and t.state <> 'open' and t.reopened_on is not null
    group by d.opportunity_id
),

moved as (
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
),

looked as (
    select *,
        case way_in when 'start' then start_on when 'new' then opened_on + 1 else back_on + 1 end as in_on
    from moved
    where way_in is not null
),

told as (
    select
        l.opportunity_id,
        arg_max(struct_pack(v := c.amount), c.place) filter (where c.day_on < l.in_on) as amount_in,
        arg_min(struct_pack(v := c.amount), c.place) as amount_first,
        arg_max(struct_pack(v := c.amount), c.place) filter (where c.day_on < l.until_on) as amount_out,
        arg_max(struct_pack(v := c.close_on), c.place) filter (where c.day_on < l.in_on) as close_in,
        arg_min(struct_pack(v := c.close_on), c.place) as close_first,
        arg_max(struct_pack(v := c.close_on), c.place) filter (where c.day_on < l.until_on) as close_out,
        bool_or(c.has_amounts) as has_amounts
    from looked l
    join change c on c.opportunity_id = l.opportunity_id
    group by l.opportunity_id
),

valued as (
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
    from looked l
    left join told t on t.opportunity_id = l.opportunity_id
),

due as (
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
