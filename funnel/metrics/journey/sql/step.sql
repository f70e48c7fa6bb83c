-- One row per step; same_before is the nearest step before it with the same events.
create temp table step as
select
    unnest(range(1, cast($n_steps as integer) + 1)) as step,
    cast(1 as bigint) << unnest(range(0, cast($n_steps as integer))) as bit,
    unnest(cast($titles as varchar[])) as title,
    unnest(cast($same_before as integer[])) as same_before
