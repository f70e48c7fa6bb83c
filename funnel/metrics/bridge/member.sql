-- One row per set of the chain and what it holds: steps 0 to 8, each set differing from the one before in one rule.
with given as (
    select cast($start_on as date) as start_on, cast($end_on as date) as end_on
),

local as (
    select
        coalesce(r.record_key, s.opportunity_id) as unit_id,
        coalesce(w.record_key, s.opportunity_id) as subject_id,
        s.entered_at,
        case when s.precision = 'day' then cast(s.entered_at + to_seconds(z.offset_seconds) as date)
            else cast(s.entered_at as date) end as utc_on,
        cast(s.entered_at + to_seconds(z.offset_seconds) as date) as entered_on,
        coalesce(r.created_at, o.created_at) as created_at,
        coalesce(r.created_precision, o.created_precision) as created_precision
    from core.signal s
    left join core.record r on r.record_no = s.record_no
    left join core.record w on w.record_no = s.person_no
    left join core.opportunity o on s.record_no is null and o.opportunity_id = s.opportunity_id
    left join run.zone_offset z on s.entered_at >= z.starts_at and s.entered_at < z.ends_at
    where s.part = 'entered_when' and s.name = $stage
),

sign as (
    select
        l.*,
        case when l.created_precision = 'day' then cast(l.created_at + to_seconds(z.offset_seconds) as date)
            else cast(l.created_at as date) end as created_on
    from local l
    left join run.zone_offset z on l.created_at >= z.starts_at and l.created_at < z.ends_at
),

stamped as (
    select 0 as step, s.* from sign s, given g where s.created_on >= g.start_on and s.created_on < g.end_on
    union all
    select 1, s.* from sign s, given g where s.utc_on >= g.start_on and s.utc_on < g.end_on
    union all
    select 2, s.* from sign s, given g where s.entered_on >= g.start_on and s.entered_on < g.end_on
),

record as (
    select step, unit_id, min(subject_id) as subject_id, min(entered_at) as entered_at
    from stamped
    group by step, unit_id
),

main as (
    select subject_id, min(unit_id) as unit_id from record where step = 2 group by subject_id
),

person as (
    select s.subject_id, coalesce(m.unit_id, s.subject_id) as unit_id, min(s.entered_at) as entered_at
    from stamped s
    left join main m on m.subject_id = s.subject_id
    where s.step = 2
    group by s.subject_id, coalesce(m.unit_id, s.subject_id)
),

entry as (
    select
        e.subject_id, e.cycle_id, e.entered_at, e.is_observed, h.met_definition, h.owner_id,
        row_number() over (
            partition by e.subject_id, e.is_observed order by e.entered_at, e.cycle_id
        ) as place
    from marts.stage_entry e
    left join marts.handoff h on h.cycle_id = e.cycle_id and h.stage = e.stage
    cross join given g
    where e.stage = $stage and e.entered_on >= g.start_on and e.entered_on < g.end_on
),

passage as (
    select
        e.*,
        case when e.is_observed and e.place = 1 then coalesce(p.unit_id, e.subject_id) else e.cycle_id end as unit_id
    from entry e
    left join person p on p.subject_id = e.subject_id
),

kept as (
    select
        *,
        coalesce(met_definition, true) as is_defined,
        coalesce(met_definition, true) and (owner_id is not null or not cast($is_owned as boolean)) as is_taken
    from passage
)

select step, unit_id, subject_id, null as cycle_id, entered_at, null as met_definition from record
union all
select 3, unit_id, subject_id, null, entered_at, null from person
union all
select 4, unit_id, subject_id, cycle_id, entered_at, met_definition from kept where is_observed and place = 1
union all
select 5, unit_id, subject_id, cycle_id, entered_at, met_definition from kept where is_observed
union all
select 6, unit_id, subject_id, cycle_id, entered_at, met_definition from kept where is_observed and is_defined
union all
select 7, unit_id, subject_id, cycle_id, entered_at, met_definition from kept where is_observed and is_taken
union all
select 8, unit_id, subject_id, cycle_id, entered_at, met_definition from kept where not is_observed or is_taken
