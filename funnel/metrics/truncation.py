"""Where the records begin late or end early, so that a cohort looks worse than it was.

Left truncated: conversions were recorded only from some day on. Shown when chance alone can hardly explain
that none was recorded before: had the earlier entrants converted as fast as the later ones, at least 4.6
conversions were to be expected by then (the chance of none is 1 %). Cut: the last record of any kind lies
more than 14 days before as_of, and the cohort's window runs beyond it.
"""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.metrics.term import Stage, context

EXPECTED = 4.6

RECORDED = """
with entrant as (
    select a.entered_at, b.entered_at as converted_at, b.entered_on as converted_on
    from marts.stage_entry a
    left join marts.stage_entry b
        on b.cycle_id = a.cycle_id and b.stage = $to_stage and not b.is_impossible
    where a.stage = $from_stage and a.entered_at is not null
),
edge as (
    select min(converted_at) as first_at, min(converted_on) as first_on from entrant
),
spell as (
    select epoch(e.first_at - a.entered_at) as length, true as is_early
    from entrant a
    join edge e on a.entered_at < e.first_at
    union all
    select epoch(a.converted_at - a.entered_at), false
    from entrant a
    join edge e on a.entered_at >= e.first_at
    where a.converted_at is not null
),
rising as (
    select length, sum(count(*)) over (order by length rows unbounded preceding) as n_as_fast
    from spell
    where not is_early
    group by length
),
counted as (
    select r.n_as_fast
    from spell s
    asof join rising r on r.length <= s.length
    where s.is_early
),
later as (
    select count(*) as n from entrant a join edge e on a.entered_at >= e.first_at
)
select
    (select first_on from edge),
    (select sum(n_as_fast) from counted) / nullif((select n from later), 0)
"""


def notes(con: DuckDBPyConnection, frame: pd.DataFrame, start: Stage, end: Stage) -> pd.Series[str]:
    """Return one note per cohort of a frame with period_on, n, is_mature: null where it may be compared."""
    first_on, expected = con.execute(RECORDED, {"from_stage": start.name, "to_stage": end.name}).fetchall()[0]
    result = pd.Series(None, index=frame.index, dtype="object")
    if expected is not None and expected >= EXPECTED:
        early = (frame["period_on"] < pd.Timestamp(first_on)) & (frame["n"] > 0)
        result[early] = f"left truncated: {end.title} is recorded only from {number.day(first_on)}"
    clock = context(con)
    if clock.seen_until < clock.as_of:
        result[(frame["n"] > 0) & ~frame["is_mature"]] = (
            f"cut: nothing is recorded after {number.day(clock.last_on)}"
        )
    return result
