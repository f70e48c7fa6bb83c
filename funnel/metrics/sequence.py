"""Which later stages count as reached under each order of events: named steps of the query of `pair`.

They read `entrant` (cycle_id, position, entered_at, entered_on, entered_precision, span_seconds, span_days)
and `target` (position), and end with `reachable` (visits before the end of the window) and `hit` (cycle_id,
position: it counts; where skips are allowed in an observed order, being reachable is enough). Parameters:
$order, $skips.
"""

from __future__ import annotations

COUNTED = """
entry_event as (
    select v.cycle_id, v.position, v.entered_at, v.entered_precision, v.is_impossible, v.place
    from core.stage_event v
    where v.entered_at is not null
        and v.cycle_id in (select cycle_id from entrant)
        and ($order = 'strict' or v.position > (select min(position) from entrant))
),
zone_day as (
    select
        z.starts_at, z.ends_at, z.offset_seconds,
        cast(unnest(generate_series(
            date_trunc('day', greatest(z.starts_at, e.first_at)),
            date_trunc('day', least(z.ends_at, e.last_at)),
            interval 1 day
        )) as date) as utc_on
    from run.zone_offset z
    cross join (select min(entered_at) as first_at, max(entered_at) as last_at from entry_event) e
),
visit as (
    select v.*, cast(v.entered_at + to_seconds(z.offset_seconds) as date) as entered_on
    from entry_event v
    join zone_day z on z.utc_on = cast(v.entered_at as date)
        and v.entered_at >= z.starts_at and v.entered_at < z.ends_at
),
vague as (
    select *, bool_or(entered_precision = 'day') over (partition by cycle_id, entered_on) as is_vague
    from visit
    where $order = 'strict'
),
numbered as (
    select
        cycle_id, position, place,
        row_number() over (
            partition by cycle_id
            order by
                entered_on, case when is_vague then cast(entered_on as timestamp) else entered_at end,
                position, place
        ) as number
    from vague
),
begun as (
    select a.cycle_id, a.position, min(n.number) as number
    from entrant a
    join numbered n on n.cycle_id = a.cycle_id and n.position = a.position
    group by a.cycle_id, a.position
),
broken as (
    select b.cycle_id, b.number, min(n.number) as breaks_at
    from begun b
    left join numbered n
        on n.cycle_id = b.cycle_id and n.number > b.number and n.number - n.position <> b.number - b.position
    group by b.cycle_id, b.number
),
reachable as (
    select
        a.cycle_id, a.position as first_position, v.position, v.place,
        v.entered_at, v.entered_on, v.entered_precision, v.is_impossible,
        $order = 'implied' or case
            when 'day' in (a.entered_precision, v.entered_precision)
                then v.entered_on - a.entered_on >= case $order when 'any order' then -a.span_days else 0 end
            else v.entered_at >= a.entered_at
                - to_seconds(case $order when 'any order' then a.span_seconds else 0 end)
        end as is_after
    from entrant a
    join visit v on v.cycle_id = a.cycle_id and v.position > a.position
    where case
        when 'day' in (a.entered_precision, v.entered_precision)
            then v.entered_on - a.entered_on <= a.span_days
        else v.entered_at <= a.entered_at + to_seconds(a.span_seconds)
    end
),
near as (
    select *, epoch_us(entered_at) * 2 + case entered_precision when 'day' then 0 else 1 end as sorting
    from reachable
    where is_after
),
chain (cycle_id, position, entered_at, entered_on, entered_precision) as (
    select cycle_id, position, entered_at, entered_on, entered_precision
    from entrant
    where $order = 'in order' and $skips = 'refused'
    union all
    select
        n.cycle_id, n.position, min(n.entered_at), arg_min(n.entered_on, n.sorting),
        arg_min(n.entered_precision, n.sorting)
    from chain c
    join near n on n.cycle_id = c.cycle_id and n.position = c.position + 1
        and case
            when 'day' in (c.entered_precision, n.entered_precision) then n.entered_on >= c.entered_on
            else n.entered_at >= c.entered_at
        end
    group by n.cycle_id, n.position
),
collected as (
    select
        cycle_id, position, position - first_position as step,
        row_number() over (partition by cycle_id order by position) as number
    from near
    where $order = 'any order' and $skips = 'refused'
    group by cycle_id, position, first_position
),
implied as (
    select cycle_id, max(position) as position from near where $order = 'implied' group by cycle_id
),
hit as (
    select cycle_id, position from chain
    union all
    select cycle_id, position from collected where step = number
    union all
    select n.cycle_id, n.position
    from near n
    join numbered o on o.cycle_id = n.cycle_id and o.place = n.place
    join broken b on b.cycle_id = n.cycle_id and o.number > b.number
        and o.number < coalesce(b.breaks_at, o.number + 1)
    union all
    select i.cycle_id, t.position from implied i join target t on t.position <= i.position
),
"""
