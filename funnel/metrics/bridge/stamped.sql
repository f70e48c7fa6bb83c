-- One row per sign and set of records that holds it: 0 by creation, 1 by entry in UTC, 2 by entry in the zone.
with given as (
    select cast($start_on as date) as start_on, cast($end_on as date) as end_on
)

select 0 as step, s.* from sign s, given g where s.created_on >= g.start_on and s.created_on < g.end_on
union all
select 1, s.* from sign s, given g where s.utc_on >= g.start_on and s.utc_on < g.end_on
union all
select 2, s.* from sign s, given g where s.entered_on >= g.start_on and s.entered_on < g.end_on
