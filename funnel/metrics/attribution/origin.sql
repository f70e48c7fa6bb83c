-- One row per claim, and which of its three definitions an opportunity meets: how many do, and their amount.
-- key: claim, is_first, is_second, is_third
-- time: none; cents of known amounts; opportunities without a known creation are in no row
with campaigned as (
    select distinct p.path_id
    from path as p
    inner join core.opportunity as o on p.opportunity_id = o.opportunity_id
    left join member as m on p.path_id = m.path_id
    left join core.person as n on m.person_id = n.person_id
    where coalesce(o.campaign_id, n.campaign_id) is not null
),

worked as (
    select
        m.path_id, min(a.happened_at) as worked_at,
        cast(min(a.happened_at + to_seconds(coalesce(z.offset_seconds, 0))) as date) as worked_on
    from member as m
    inner join core.activity as a on m.person_id = a.person_id and a.is_human_touch
    left join run.zone_offset as z on a.happened_at >= z.starts_at and a.happened_at < z.ends_at
    group by m.path_id
),

belongs as (
    select path_id, person_id, true as is_member from member
    union all
    select p.path_id, n.person_id, false
    from path as p
    inner join core.person as n on p.account_id = n.account_id
    where p.is_asked
),

touched as (
    select
        b.path_id, b.is_member, t.is_response, t.touched_at, t.is_day, t.touched_on,
        case when t.is_day or p.created_precision = 'day' then 86400.0 * (p.created_on - t.touched_on)
            else epoch(p.created_at - t.touched_at) end as age_seconds,
        case when p.closed_at is null then true
            when t.is_day or p.closed_precision = 'day' then t.touched_on <= p.closed_on
            else t.touched_at <= p.closed_at end as is_by_close
    from belongs as b
    inner join path as p on b.path_id = p.path_id
    inner join dated as t on b.person_id = t.person_id
),

met as (
    select
        t.path_id,
        bool_or(t.is_member and t.is_response and t.age_seconds >= 0 and (w.worked_at is null
            or case when t.is_day then t.touched_on <= w.worked_on else t.touched_at <= w.worked_at end)) as is_before_work,
        bool_or(t.is_member and t.is_response and t.age_seconds >= 0
            and t.age_seconds <= $look_back_seconds) as is_before_creation,
        bool_or(t.is_member and t.is_by_close and t.age_seconds <= $look_back_seconds) as is_membership,
        bool_or(t.is_member and t.is_response and t.is_by_close
            and t.age_seconds <= $look_back_seconds) as is_response,
        bool_or(t.is_response and t.is_by_close and t.age_seconds <= $look_back_seconds) as is_account
    from touched as t
    left join worked as w on t.path_id = w.path_id
    group by t.path_id
),

judged as (
    select 'sourced' as claim, p.cents, coalesce(m.is_before_work, false) as is_first,
        c.path_id is not null as is_second, coalesce(m.is_before_creation, false) as is_third
    from path as p
    left join met as m on p.path_id = m.path_id
    left join campaigned as c on p.path_id = c.path_id
    where p.is_asked and p.created_at is not null
    union all
    select 'influenced', p.cents, coalesce(m.is_membership, false), coalesce(m.is_response, false),
        coalesce(m.is_account, false)
    from path as p
    left join met as m on p.path_id = m.path_id
    where p.is_asked and p.created_at is not null
)

select
    claim, is_first, is_second, is_third, count(*) as n, count(*) - count(cents) as n_unknown,
    cast(sum(cents) as bigint) as cents
from judged
group by claim, is_first, is_second, is_third
order by claim desc, is_first desc, is_second desc, is_third desc
