"""Measure working time between a million pairs of instants, by the models that the build runs.

    python -m benchmarks.business_time [PAIRS]

The pairs lie at random in three years, in four calendars (Berlin with lunch breaks, New York, Kolkata,
always open); a deadline of 16 working hours is sought for each. The plain difference of the same instants
by date_diff is the unit. Prints a table in Markdown: wall time, processor time, ratio.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import date

import duckdb
import pandas as pd

from funnel.contract import Calendar, business_hours
from funnel.warehouse.model import read_models
from funnel.warehouse.run_tables import days

FIRST, LAST = date(2024, 1, 1), date(2027, 3, 1)
OFFICE = ((32_400, 45_000), (48_600, 63_000))
CALENDARS = (
    Calendar("default", "Europe/Berlin", (OFFICE,) * 5 + ((), ()), country="DE"),
    Calendar("Americas", "America/New_York", (((32_400, 64_800),),) * 5 + ((), ()), country="US"),
    Calendar("India", "Asia/Kolkata", (((36_000, 68_400),),) * 6 + ((),)),
    Calendar("always", "UTC", (((0, 86_400),),) * 7),
)
PAIRS = """
create table core.handoff_moment as
with pair as (
    select i, cast(i as varchar) as handoff_id, 'v' as version,
        case i % 4 when 0 then 'default' when 1 then 'Americas' when 2 then 'India' else 'always' end
            as calendar,
        timestamp '2024-01-01' + to_seconds(cast(hash(i) % 94694400 as bigint)) as one_at,
        timestamp '2024-01-01' + to_seconds(cast(hash(i + 1000000007) % 94694400 as bigint)) as other_at
    from range($n) as r(i)
)
select handoff_id, version, calendar, 'start' as point, least(one_at, other_at) as moment_at from pair
union all
select handoff_id, version, calendar, 'touch' as point, greatest(one_at, other_at) as moment_at from pair
"""
WIDE = """
create table pair as
select handoff_id, max(case when point = 'start' then moment_at end) as start_at,
    max(case when point = 'touch' then moment_at end) as touch_at
from core.handoff_moment group by handoff_id
"""
TIER = """
create table core.handoff_tier as
select handoff_id, version, calendar, 'first_touch' as sla, 'all' as tier, 'business' as clock,
    57600 as within_seconds, cast(null as bigint) as attempts
from core.handoff_moment where point = 'start'
"""
PAUSE = """
create table core.handoff_pause (handoff_id varchar, paused_at timestamp, paused_elapsed bigint,
    resumed_elapsed bigint, paused_working bigint, resumed_working bigint, net_elapsed bigint,
    net_working bigint)
"""
PLAIN = (
    "create table plain as select handoff_id, date_diff('second', start_at, touch_at) as seconds from pair"
)


def main(n: int) -> None:
    """Print the table for `n` pairs."""
    con = _laid(n)
    sql = {model.name: f"create table {model.name} as {model.sql}" for model in read_models()}
    points = [sql["core.handoff_point"], sql["core.handoff_clock"], sql["core.handoff_hours"]]
    steps = {
        "plain difference (date_diff)": [PLAIN],
        "tables of hours for the join": [sql["core.business_span"], sql["core.business_bucket"]],
        "working time between the instants": points,
        "deadlines": [sql["core.handoff_due"]],
    }
    print(f"| {n:,} pairs | wall s | CPU s | CPU per plain |\n|---|---|---|---|")
    unit = 0.0
    for name, statements in steps.items():
        wall, cpu = _timed(lambda statements=statements: [con.execute(one) for one in statements])
        unit = unit or cpu
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {cpu / unit:.1f} |")
    print(f"\n{_checked(con)}")


def _laid(n: int) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for schema in ("contract", "core", "run"):
        con.execute(f"create schema {schema}")
    hours = [business_hours(one, FIRST, LAST).assign(version="v", calendar=one.name) for one in CALENDARS]
    _write(con, "contract.business_hour", pd.concat(hours, ignore_index=True))
    _write(con, "run.day", days(FIRST, LAST))
    con.execute(PAIRS, {"n": n})
    for statement in (WIDE, TIER, PAUSE):
        con.execute(statement)
    return con


def _write(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    con.register("frame_to_write", frame)
    con.execute(f"create table {name} as select * from frame_to_write")
    con.unregister("frame_to_write")


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), _cpu()
    run()
    return time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _checked(con: duckdb.DuckDBPyConnection) -> str:
    totals = """
        select count(*), count(business_hours), round(avg(business_hours / elapsed_hours), 3)
        from core.handoff_hours"""
    n, known, share = con.execute(totals).fetchall()[0]
    (due,) = con.execute("select count(due_at) from core.handoff_due").fetchall()[0]
    found = f"{known:,} of {n:,} pairs have working time (mean share of elapsed time {share})"
    return f"{found}, {due:,} a deadline."


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
