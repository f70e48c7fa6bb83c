"""From when on an edition could judge a period: all that is counted of it had happened, or had its time."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import term
from funnel.metrics.frame import read
from funnel.metrics.indicator import Indicator

WAITS = {"acceptance": "landmark_days", "requalified": "horizon_days"}
"""Family -> how long after its period its cases are given, of the contract's terms."""

WALL = """
select c.as_of + to_seconds(coalesce(z.offset_seconds, 0)) as wall_at
from run.context c
left join run.zone_offset z on c.as_of >= z.starts_at and c.as_of < z.ends_at
"""

VERSIONS = """
select number, version, effective_on from contract.version order by number
"""

PERIODS = """
select p.starts_on as period_on, cast(p.ends_on as timestamp) as ends_at
from run.period p
cross join run.context c
where p.period = $by and p.starts_at < c.as_of
order by p.starts_on
"""

WINDOWS = """
with entrant as (
    select
        case $by when 'week' then week_on when 'month' then month_on when 'quarter' then quarter_on end
            as period_on,
        case when entered_precision <> 'day' then entered_at + to_seconds($seconds) end as whole_at,
        case when entered_precision = 'day' then entered_on + cast($seconds // 86400 as integer) + 1 end
            as whole_on
    from marts.stage_entry
    where stage = $stage and entered_at is not null
),
latest as (
    select period_on, max(whole_at) as whole_at, cast(max(whole_on) as timestamp) as whole_on
    from entrant
    group by period_on
)
select
    l.period_on,
    greatest(l.whole_on, l.whole_at + to_seconds(coalesce(z.offset_seconds, 0))) as ripe_at
from latest l
left join run.zone_offset z on l.whole_at >= z.starts_at and l.whole_at < z.ends_at
order by l.period_on
"""

DEADLINES = """
with owed as (
    select
        s.sla, s.outcome,
        case $by when 'week' then h.week_on when 'month' then h.month_on when 'quarter' then h.quarter_on end
            as period_on,
        s.due_at + to_seconds(coalesce(z.offset_seconds, 0)) as due_at
    from marts.handoff_sla s
    join marts.handoff h on h.handoff_id = s.handoff_id
    left join run.zone_offset z on s.due_at >= z.starts_at and s.due_at < z.ends_at
)
select
    sla, period_on,
    case when due_at is not null
        then cast(floor(epoch(cast($wall_at as timestamp) - due_at) / 604800) as integer) end as weeks_ago,
    max(due_at) as due_at,
    count(*) as n_all,
    count(*) filter (where outcome in ('met', 'missed')) as n,
    count(*) filter (where outcome = 'met') as n_met
from owed
where period_on is not null
group by all
order by sla, period_on, weeks_ago
"""


def walls(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per weekly edition up to this one, the latest first: wall_at (local), version in force.

    An edition is made as of the same local time of each week before; there are as many as weeks of data.
    """
    (wall_at,) = con.execute(WALL).fetchall()[0]
    n = max(len(read(con, PERIODS, by="week")), 2)
    frame = pd.DataFrame({"wall_at": [pd.Timestamp(wall_at) - pd.Timedelta(weeks=k) for k in range(n)]})
    versions = read(con, VERSIONS)
    first_days = pd.to_datetime(versions["effective_on"]).to_numpy(dtype="datetime64[ns]")
    places = np.searchsorted(first_days, frame["wall_at"].to_numpy(dtype="datetime64[ns]"), side="right") - 1
    return frame.assign(version=versions["version"].to_numpy()[np.maximum(places, 0)])


def ripe(con: DuckDBPyConnection, one: Indicator, *, by: str) -> pd.DataFrame:
    """Return one row per period: period_on, ripe_at (local): from then on the KPI's value of it is settled.

    That is the end of the period, and for a cohort the end of its last window; for acceptance the landmark
    after it, for re-qualification the horizon; for an obligation the last deadline.
    """
    frame = read(con, PERIODS, by=by)
    settled = frame["ends_at"]
    if one.family in WAITS:
        days = getattr(term.context(con), WAITS[one.family])
        settled = settled + pd.Timedelta(days=math.ceil(days))
    found = _latest(con, one, by)
    if found is not None:
        found = found.assign(period_on=found["period_on"].astype(frame["period_on"].dtype))
        late = frame.merge(found, on="period_on", how="left")["ripe_at"]
        settled = settled.where(~(late > settled), late)
    return frame.assign(ripe_at=settled)[["period_on", "ripe_at"]]


def _latest(con: DuckDBPyConnection, one: Indicator, by: str) -> pd.DataFrame | None:
    if one.family == "conversion":
        return read(con, WINDOWS, by=by, stage=one.from_stage, seconds=one.within_seconds)
    if one.family != "obligation":
        return None
    table = deadlines(con, by=by)
    latest = table[table["sla"] == one.sla].groupby("period_on")["due_at"].max()
    return latest.rename("ripe_at").reset_index()


def deadlines(con: DuckDBPyConnection, *, by: str) -> pd.DataFrame:
    """Return one row per obligation, period of the hand-off, and week in which deadlines passed.

    Columns: sla, period_on, weeks_ago (whole weeks before as_of, negative: ahead; null: no deadline), due_at
    (the last, local), n_all, n (met or missed), n_met.
    """
    (wall_at,) = con.execute(WALL).fetchall()[0]
    return read(con, DEADLINES, by=by, wall_at=wall_at)
