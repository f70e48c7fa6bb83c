"""Time journey funnels over a million persons and ten million events, as a ratio to reading the events.

    python benchmarks/journey.py 1000000 10000000

Each question runs in a process of its own, so that wall time, CPU time and peak memory are its own. The raw
scan reads the columns that the journeys need; the ratio to it matters little to a machine.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from funnel.metrics import journey

TOUCH, CALL = journey.step("touch"), journey.step("activity", kind="call")
MQL, SQL = journey.step("stage", stage="mql"), journey.step("stage", stage="sql")
LOST = journey.step("exit", exit="lost")
STEPS = [TOUCH, CALL, MQL, SQL]
ASKED = {
    "raw scan of the columns": None,
    "ordered, 2 steps": {"steps": [TOUCH, MQL]},
    "ordered, 4 steps": {"steps": STEPS},
    "the same by channel": {"steps": STEPS, "by": "channel"},
    "the same with an exclusion": {"steps": STEPS, "exclude": [LOST]},
    "strict, 4 steps": {"steps": STEPS, "order": "strict"},
    "any order, 4 steps": {"steps": STEPS, "order": "unordered"},
}
CONTEXT = """
create schema run; create schema contract; create schema core; create schema marts;
create table run.context as
    select timestamp '2026-07-01' as as_of, 'UTC' as zone, 'v' as contract, 'EUR' as currency;
create table run.zone_offset as
    select timestamp '1900-01-01' as starts_at, timestamp '2100-01-01' as ends_at, 0 as offset_seconds;
create table contract.version as
    select 'v' as version, 7776000 as horizon_seconds, 1209600 as landmark_seconds;
create table contract.stage as
    select 'v' as version, unnest(['mql', 'sql']) as stage, unnest(['MQL', 'SQL']) as title,
        unnest([1, 2]) as position, 'sales' as owner, 'sales' as hands_to;
create table marts.stage_entry as
    select timestamp '2026-06-30' as entered_at, 'second' as entered_precision,
        date '2026-06-30' as entered_on;
create table marts.cycle as
    select null::timestamp as exit_at, 'second' as exit_precision, null::date as exit_on;
create table core.campaign as select '' as campaign_id, '' as name limit 0;
"""
EVENTS = """
create temp table made as
select
    'crm:' || lpad(cast(hash(i) % $n_persons as text), 9, '0') as person_id,
    cast(i as text) as id,
    timestamp '2026-01-01' + to_seconds(cast(hash(i * 3) % (180 * 86400) as bigint)) as made_at,
    cast(hash(i * 7) % 100 as integer) as chance,
    ['Webinar', 'Search', 'Event', 'Mail'][1 + cast(hash(i * 11) % 4 as integer)] as channel
from range($n_events) t (i)
"""
TABLES = """
create table core.touch as
    select id as touch_id, person_id, '' as campaign_id, channel, null::text as content, 'response' as kind,
        made_at as touched_at, 'second' as touched_precision
    from made where chance < 50;
create table core.activity as
    select id as activity_id, person_id, case when chance < 75 then 'call' else 'email' end as kind,
        'outbound' as direction, 'reached' as outcome, true as is_human_touch, false as is_automated,
        made_at as happened_at, 'second' as happened_precision
    from made where chance between 50 and 84;
create table core.stage_event as
    select id as event_id, person_id as subject_id, case when chance < 93 then 'mql' else 'sql' end as stage,
        'history' as evidence, false as is_backward, false as is_impossible, made_at as entered_at,
        'second' as entered_precision
    from made where chance between 85 and 97;
create table core.exit_event as
    select id as event_id, person_id as subject_id, 'lost' as "exit", null::text as reason,
        made_at as exited_at, 'second' as exited_precision
    from made where chance >= 98;
"""
SCAN = """
select max(person_id), max(id), max(happened_at), max(what)
from (
    select person_id, touch_id as id, touched_at as happened_at, channel as what from core.touch
    union all
    select person_id, activity_id, happened_at, kind from core.activity
    union all
    select subject_id, event_id, entered_at, stage from core.stage_event
    union all
    select subject_id, event_id, exited_at, "exit" from core.exit_event
)
"""


def make(file: Path, n_persons: int, n_events: int) -> None:
    """Write a warehouse of random journeys: half touches, then activities, stages, a few exits."""
    with duckdb.connect(str(file)) as con:
        con.execute(CONTEXT)
        con.execute(EVENTS, {"n_persons": n_persons, "n_events": n_events})
        con.execute(TABLES)


def ask(file: Path, name: str) -> None:
    """Answer one question on the warehouse."""
    with duckdb.connect(str(file), read_only=True) as con:
        if ASKED[name] is None:
            con.execute(SCAN).fetchall()
        else:
            journey.funnel(con, within_days=60, **ASKED[name])


def measured(file: Path, name: str) -> tuple[float, float, float]:
    """Ask in a process of its own; return wall seconds, CPU seconds and peak memory in GB."""
    begun = time.perf_counter()
    pid = os.posix_spawn(sys.executable, [sys.executable, __file__, "ask", str(file), name], os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"'{name}' ended with status {status}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6


def main(n_persons: int, n_events: int) -> None:
    """Print the table of docs/journeys.md; what an empty warehouse takes (start, imports) is taken off."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "warehouse.duckdb"
        make(file, n_persons, n_events)
        empty = Path(folder) / "empty.duckdb"
        make(empty, 1, 0)
        print("| question | wall s | CPU s | peak GB | CPU to scan |\n|---|---|---|---|---|")
        base = 0.0
        for name in ASKED:
            idle = measured(empty, name)
            wall, cpu, memory = measured(file, name)
            wall, cpu = wall - idle[0], max(cpu - idle[1], 0.01)
            base = base or cpu
            print(f"| {name} | {wall:.1f} | {cpu:.1f} | {memory:.2f} | {cpu / base:.0f}x |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["ask"]:
        ask(Path(sys.argv[2]), sys.argv[3])
    else:
        main(*(int(each) for each in sys.argv[1:] or ("1000000", "10000000")))
