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
