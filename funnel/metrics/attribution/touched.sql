-- One row per path and touch of a person on it, or of its account: how long before creation, and whether by the close.
-- key: none
-- time: age_seconds below 0 after creation; days count where either is known only to the day
with belongs as (
    select path_id, person_id, true as is_member from member
    union all
    select p.path_id, n.person_id, false
    from path as p
    inner join core.person as n on p.account_id = n.account_id
    where p.is_asked
)

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
