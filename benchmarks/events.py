"""Time the models and every metric on leads with ten stage events each, beside a funnel in plain pandas.

    python benchmarks/events.py 10000 100000 1000000

The numbers are leads; each has ten status changes: some go back, some skip a stage, some come back after an
exit. Each size runs in a process of its own, so that peak memory is its own; DuckDB may take MEMORY and
spills what is more. The last columns are
ratios of CPU seconds within one run: to the naive funnel in pandas of the same events, and to the
smallest size.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from funnel import warehouse
from funnel.contract import load_contracts
from funnel.metrics import conversion, curve, duration, forecast, handoff, kpi, quality, velocity
from funnel.sources import STAGING
from funnel.warehouse.build import derive
from funnel.warehouse.connect import SETTINGS

ROOT = Path(__file__).parent.parent
MEMORY = "6GB"
AS_OF = datetime(2026, 11, 16)  # noqa: DTZ001 -- naive UTC, as in the warehouse
PATHS = [
    "MQL Working Accepted Working Accepted Qualified Nurture MQL Accepted Qualified",
    "MQL Working Nurture MQL Working Disqualified MQL Working Accepted Nurture",
    "Working MQL Working MQL Working Accepted Qualified Accepted Qualified Nurture",
    "MQL Accepted Nurture MQL Accepted Nurture MQL Accepted Qualified Disqualified",
]
LEADS = """
select 'crm' as source, 'l' || i as record_id, 'lead' as kind, 'second' as created_precision,
    timestamp '2024-11-18' + (i * 63072.0 / $n) * interval 1000 second as created_at,
    'p' || i || '@x.example' as email, 'c' || i % 1000 as company, 'DE' as country, 'EMEA' as region,
    'software' as industry, 50 + i % 3000 as employees, 'ch' || i % 8 as channel,
    'k' || i % 50 as campaign_id, i % 100 as score, 'New' as status, 'u' || i % 24 as owner_id
from range($n) as t (i)
"""
STATUS = """
select 'crm' as source, 'e' || i || '-' || k as event_id, 'l' || i as record_id, 'status' as field,
    case when k = 0 then 'New' else split_part($paths[i % 4 + 1], ' ', k) end as old_value,
    split_part($paths[i % 4 + 1], ' ', k + 1) as new_value,
    timestamp '2024-11-18' + (i * 63072.0 / $n) * interval 1000 second
        + (k * 3 + hash(i * 16 + k) % 3) * interval 1 day as changed_at,
    'second' as changed_precision, 'history' as evidence
from range($n) as t (i), range(10) as s (k)
"""
CALLS = """
select 'crm' as source, 'a' || i || '-' || k as activity_id, 'l' || i as record_id, 'u1' as rep_id,
    'call' as kind, 'outbound' as direction, false as is_automated, true as is_done,
    timestamp '2024-11-18' + (i * 63072.0 / $n) * interval 1000 second + (2 + 5 * k) * interval 1 day
        as done_at,
    'second' as done_precision, done_at as created_at
from range($n) as t (i), range(2) as s (k)
"""
METRICS: dict[str, Callable[[duckdb.DuckDBPyConnection], object]] = {
    "conversion.funnel": conversion.funnel,
    "conversion.cohorts": lambda con: conversion.cohorts(
        con, from_stage="mql", to_stage="sql", within_days=60
    ),
    "conversion.standing": conversion.standing,
    "velocity.steps": velocity.steps,
    "curve.endings": lambda con: curve.endings(con, from_stage="mql", to_stage="sal"),
    "duration.in_stage": duration.in_stage,
    "forecast.cohorts": lambda con: forecast.cohorts(con, from_stage="mql", to_stage="sql", within_days=60),
    "quality.acceptance": lambda con: quality.acceptance(con, dimension="channel"),
    "handoff.sla": handoff.sla,
    "kpi.scorecard": kpi.scorecard,
    "kpi.weekly": kpi.weekly,
}


def staging(con: duckdb.DuckDBPyConnection, n: int) -> None:
    """Fill schema staging with `n` leads and what happened to them."""
    con.execute("create schema staging; create schema run")
    con.execute("create table run.load (source varchar, load_id varchar, observed_at timestamp)")
    con.execute(
        "create table run.source_table (source varchar, staging_table varchar, state varchar, n_rows bigint)"
    )
    for table, columns in STAGING.items():
        con.execute(f"create table staging.{table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    given = {"person": LEADS, "attribute_event": STATUS, "activity": CALLS}
    for table, sql in given.items():
        values = {"n": n, "paths": PATHS} if "$paths" in sql else {"n": n}
        con.execute(f"insert into staging.{table} by name {sql}", values)
        con.execute(
            f"insert into run.source_table select 'crm', '{table}', 'filled', count(*) from staging.{table}"
        )


def naive(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the funnel that one writes first: the first entry of each stage, and who came in time."""
    events = con.execute(
        "select record_id, new_value as stage, changed_at as entered_at from staging.attribute_event"
    ).df()
    ladder = {"MQL": 1, "Accepted": 2, "Qualified": 3}
    events = events[events["stage"].isin(ladder)].sort_values(["record_id", "entered_at"], kind="stable")
    first = events.groupby(["record_id", "stage"], as_index=False)["entered_at"].min()
    wide = first.pivot(index="record_id", columns="stage", values="entered_at")
    inside = wide.sub(wide["MQL"], axis=0) <= pd.Timedelta(days=60)
    month = wide["MQL"].dt.to_period("M")
    return inside.groupby(month).agg(["sum", "count"])


@contextmanager
def timed(found: dict[str, list[float]], name: str) -> Iterator[None]:
    """Note wall seconds, CPU seconds, and the peak memory of this process so far in GB."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    found[name] = [time.perf_counter() - wall, time.process_time() - cpu, peak]


def one_size(n: int) -> dict[str, list[float]]:
    """Return the measures of one size, step by step."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "warehouse.duckdb"
        config = {
            **SETTINGS,
            "temp_directory": f"{folder}/spill",
            "preserve_insertion_order": "false",
            "memory_limit": MEMORY,
        }
        con = duckdb.connect(str(file), config=config)
        staging(con, n)
        con.close()
        con = duckdb.connect(str(file), config=config)
        last = ["", 0.0, 0.0]

        def told(name: str) -> None:
            now, cpu = time.perf_counter(), time.process_time()
            if last[0]:
                found[f"  {last[0]}"] = [now - last[1], cpu - last[2], 0.0]
            last[:] = [name, now, cpu]

        with timed(found, "build: all models"):
            derive(con, load_contracts(ROOT / "contracts"), as_of=AS_OF, known_at=AS_OF, told=told)
            told("")
        con.close()
        con = warehouse.connect(file)
        for name, metric in METRICS.items():
            with timed(found, name):
                metric(con)
        with timed(found, "the same funnel, naive, in pandas"):
            naive(con)
        con.close()
    return found


def table(sizes: list[int], results: dict[int, dict[str, list[float]]], *, models: int) -> list[str]:
    """Return the lines of the table: the dearest models, then every metric, with ratios."""
    last = sizes[-1]
    heads = [f"{n:,} leads: s, CPU s, GB" for n in sizes]
    lines = ["| step | " + " | ".join(heads) + " | to pandas | growth |", "|---|" + "---|" * (len(sizes) + 2)]
    steps = [name for name in results[last] if not name.startswith("  ")]
    dear = sorted(
        (name for name in results[last] if name.startswith("  ")), key=lambda k: -results[last][k][1]
    )
    pandas = results[last]["the same funnel, naive, in pandas"][1]
    for name in [steps[0], *dear[:models], *steps[1:]]:
        cells = [
            f"{w:.2f}, {c:.2f}" + (f", {m:.2f}" if m else "")
            for w, c, m in (results[n].get(name, [0.0, 0.0, 0.0]) for n in sizes)
        ]
        cpu, base = results[last][name][1], results[sizes[0]].get(name, [0.0, 0.0])[1]
        ratios = f"{cpu / pandas:.2f}x | {cpu / base:.0f}x" if base else f"{cpu / pandas:.2f}x | "
        lines.append(f"| {name.strip()} | " + " | ".join(cells) + f" | {ratios} |")
    return lines


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        print(json.dumps(one_size(int(sys.argv[2]))))
    else:
        asked = sorted(int(a) for a in sys.argv[1:])
        runs = {
            n: json.loads(
                subprocess.run(
                    [sys.executable, __file__, "--one", str(n)], check=True, capture_output=True
                ).stdout
            )
            for n in asked
        }
        print("\n".join(table(asked, runs, models=8)))
