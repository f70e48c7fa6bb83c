-- title: The number of leads entering a stage does not jump when the contract changes
-- layer: alignment
-- severity: warning
-- owner: marketing
-- table: contract.version
-- why: compares as many days before and after (thresholds contract_change_*); only once the days after are over
with threshold as (
    select
        max(case when name = 'contract_change_days' then value end) as n_days,
        max(case when name = 'contract_change_ratio' then value end) as ratio,
        max(case when name = 'contract_change_z' then value end) as z
    from checks.threshold
),

changed as (
    select v.version, v.effective_from, t.ratio, t.z,
        v.effective_from - t.n_days * interval 1 day as from_at, v.effective_from + t.n_days * interval 1 day as until_at
    from contract.version as v
    cross join threshold as t
    cross join run.context as c
    where v.number > 1 and v.effective_from + t.n_days * interval 1 day <= c.as_of
),

counted as (
    select c.version, c.ratio, c.z, e.stage, e.position,
        count(case when e.entered_at < c.effective_from then 1 end) as n_before,
        count(case when e.entered_at >= c.effective_from then 1 end) as n_after
    from changed as c
    inner join marts.stage_entry as e on c.from_at <= e.entered_at and e.entered_at < c.until_at and e.is_observed
    group by c.version, c.ratio, c.z, e.stage, e.position
)

select
    version || ' ' || stage as row_key,
    cast(n_before as varchar) || ' entered ' || stage || ' before version ' || version || ', ' || cast(n_after as varchar) || ' after' as detail
from counted
where
    greatest(n_before, n_after) >= ratio * least(n_before, n_after)
    and abs(n_after - n_before) >= z * sqrt(n_after + n_before)
