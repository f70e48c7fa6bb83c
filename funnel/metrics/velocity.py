"""How long it takes: observed times between two stages, and from creation to close."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import term
from funnel.metrics.frame import read

BETWEEN = """
with pair as (
    select
        b.cycle_id is not null as is_reached,
        a.is_observed and coalesce(b.is_observed, false) as is_observed,
        a.entered_at is not null and b.entered_at is not null as is_dated,
        'day' in (a.entered_precision, b.entered_precision) as is_day,
        a.is_impossible or coalesce(b.is_impossible, false) as is_flagged,
        case
            when 'day' in (a.entered_precision, b.entered_precision)
                then (b.entered_on - a.entered_on) * 86400
            else date_diff('second', a.entered_at, b.entered_at)
        end as seconds
    from marts.stage_entry a
    left join marts.stage_entry b on b.cycle_id = a.cycle_id and b.stage = $to_stage
    where a.stage = $from_stage
),
judged as (
    select
        *,
        is_reached and is_observed and is_dated and (is_flagged or seconds < 0) as is_impossible,
        is_reached and is_observed and is_dated and not is_flagged and seconds >= 0 as is_used
    from pair
),
ranked as (
    select
        *,
        row_number() over (partition by is_used order by seconds) as place,
        count(*) over (partition by is_used) as n_used
    from judged
),
placed as (
    select
        *,
        place = round(n_used / 2 - 0.98 * sqrt(n_used)) as is_low,
        place = round(1 + n_used / 2 + 0.98 * sqrt(n_used)) as is_high
    from ranked
)
select
    count(*) filter (where is_used) as n,
    quantile_cont(seconds, 0.5) filter (where is_used) / 86400 as median_days,
    max(seconds) filter (where is_used and is_low) / 86400 as median_low,
    max(seconds) filter (where is_used and is_high) / 86400 as median_high,
    sum(seconds) filter (where is_used) / nullif(count(*) filter (where is_used), 0) / 86400 as mean_days,
    quantile_cont(seconds, 0.25) filter (where is_used) / 86400 as p25,
    quantile_cont(seconds, 0.75) filter (where is_used) / 86400 as p75,
    quantile_cont(seconds, 0.9) filter (where is_used) / 86400 as p90,
    count(*) as n_entered,
    count(*) filter (where is_reached) as n_reached,
    count(*) filter (where is_reached and not is_observed) as n_imputed,
    count(*) filter (where is_impossible) as n_impossible,
    count(*) filter (where is_reached and is_observed and not is_dated) as n_undated,
    case
        when bool_and(is_day) filter (where is_used) then 'day'
        when bool_or(is_day) filter (where is_used) then 'mixed'
        when count(*) filter (where is_used) > 0 then 'second'
    end as precision
from placed
"""

IMPOSSIBLE = """
with before as (
    select
        cycle_id,
        arg_min(stage, position) as before_stage,
        arg_min(entered_at, position) as before_at,
        arg_min(entered_on, position) as before_on
    from marts.stage_entry
    where is_observed and not is_impossible
    group by cycle_id
)
select
    e.cycle_id, c.opportunity_id, e.stage, e.entered_at, e.entered_precision, e.entered_on,
    b.before_stage, b.before_at, b.before_on - e.entered_on as days_early
from marts.stage_entry e
join marts.cycle c on c.cycle_id = e.cycle_id
left join before b on b.cycle_id = e.cycle_id
where e.is_impossible and e.is_observed
order by e.entered_at, e.cycle_id, e.position
"""

TO_CLOSE = """
with kind as (
    select unnest(['won', 'lost']) as outcome
),
closed as (
    select k.outcome, o.opportunity_id, cast(round(o.days_to_close * 86400) as bigint) as seconds
    from kind k
    left join marts.opportunity o on o.outcome = k.outcome
)
select
    outcome,
    count(seconds) as n,
    quantile_cont(seconds, 0.5) / 86400 as median_days,
    sum(seconds) / nullif(count(seconds), 0) / 86400 as mean_days,
    quantile_cont(seconds, 0.25) / 86400 as p25,
    quantile_cont(seconds, 0.75) / 86400 as p75,
    quantile_cont(seconds, 0.9) / 86400 as p90,
    count(opportunity_id) - count(seconds) as n_unknown
from closed
group by outcome
order by outcome desc
"""

CLOSE_DAYS = """
with won as (
    select
        case $by when 'week' then closed_week_on when 'month' then closed_month_on
            when 'quarter' then closed_quarter_on end as period_on,
        days_to_close
    from marts.opportunity
    where outcome = 'won' and days_to_close is not null
),
ranked as (
    select
        *,
        row_number() over (partition by period_on order by days_to_close) as place,
        count(*) over (partition by period_on) as n
    from won
    where period_on is not null
)
select
    period_on,
    count(*) as n,
    quantile_cont(days_to_close, 0.5) as value,
    max(days_to_close) filter (where place = round(n / 2 - 0.98 * sqrt(n))) as low,
    max(days_to_close) filter (where place = round(1 + n / 2 + 0.98 * sqrt(n))) as high
from ranked
group by period_on
order by period_on
"""

CLOSED = (
    "Days from creation to close of closed opportunities; the ones whose dates are unknown, in an impossible "
    "order, or that were entered as already closed are counted as n_unknown and left out."
)


def between(con: DuckDBPyConnection, *, from_stage: str, to_stage: str) -> pd.DataFrame:
    """Return one row: the time from the first entry into one stage to the first entry into a later one.

    Observed entries only; where either is known only to the day, whole calendar days. Columns: from_stage,
    to_stage, from_title, to_title, n, median_days with median_low and median_high (ranks n/2 -+ 0.98
    sqrt(n), Campbell and Gardner 1988; null for few), mean_days, p25, p75, p90 (days); n_entered,
    n_reached, and what was kept out: n_imputed, n_impossible, n_undated; precision ('second', 'day',
    'mixed'), rule. These are the ones who arrived: how many did stands beside it. UsageError for an unknown
    stage.
    """
    start, end = term.stage_pair(con, from_stage, to_stage)
    frame = read(con, BETWEEN, from_stage=from_stage, to_stage=to_stage)
    frame.insert(0, "to_title", end.title)
    frame.insert(0, "from_title", start.title)
    frame.insert(0, "to_stage", to_stage)
    frame.insert(0, "from_stage", from_stage)
    rule = (
        f"Days from {start.title} to {end.title} for those who arrived, both entries observed; impossible "
        "orders are kept out and counted."
    )
    return frame.assign(rule=rule)


def steps(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per pair of adjacent stages, in funnel order, with the columns of `between`."""
    pairs = pairwise(one.name for one in term.stages(con))
    frames = [between(con, from_stage=first, to_stage=second) for first, second in pairs]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def impossible(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per observed entry in an impossible order.

    Before the cycle began, or closed before created. They count as reached and are kept out of durations.
    Columns: cycle_id, opportunity_id, stage, entered_at (UTC), entered_precision, entered_on, before_stage,
    before_at, days_early (calendar days; 0 or less where only the opportunity's own dates conflict).
    """
    return con.execute(IMPOSSIBLE).df()


def to_close(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per outcome (won, lost) of closed opportunities: days from creation to close.

    Columns: outcome, n, median_days, mean_days, p25, p75, p90, n_unknown (left out), rule.
    """
    return read(con, TO_CLOSE).assign(rule=CLOSED)


def closing(con: DuckDBPyConnection, *, by: str) -> pd.DataFrame:
    """Return one row per week, month or quarter of closing: the median days to close of the ones won in it.

    Columns: period_on, n, value (median days), low and high (as median_low and median_high of `between`).
    """
    return read(con, CLOSE_DAYS, by=by)
