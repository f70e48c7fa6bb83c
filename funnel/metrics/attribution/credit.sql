-- One row per opportunity, eligible touch and rule: its share of the credit, and of the amount in whole cents.
-- key: rule, path_id, touch_id
-- time: none; cents null where the amount is unknown; the cents of an opportunity add to its amount under every rule
with normal as (
    select
        s.rule, s.path_id, s.touch_id, s.touched_at, p.cents,
        cast(round(1e12 * s.weight / sum(s.weight) over (partition by s.rule, s.path_id)) as hugeint) as parts
    from shared as s
    inner join path as p on s.path_id = p.path_id
),

floored as (
    select *, abs(cents) * parts // 1000000000000 as whole_cents, abs(cents) * parts % 1000000000000 as remainder
    from normal
)

select
    rule, path_id, touch_id, parts / 1e12 as share,
    cast(sign(cents) * (whole_cents + case when row_number() over (
        partition by rule, path_id order by remainder // 1000000 desc, touched_at, touch_id
    ) <= abs(cents) - sum(whole_cents) over (partition by rule, path_id) then 1 else 0 end) as bigint) as cents
from floored
