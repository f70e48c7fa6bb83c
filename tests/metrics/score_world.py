"""Warehouses with many scored hand-offs, from rows that a test states or draws with a seed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from world import CONTRACT, call, changes, lead

from funnel.contract import load_contracts
from funnel.sources import STAGING
from funnel.warehouse.build import derive
from funnel.warehouse.connect import SETTINGS

AS_OF = datetime(2026, 7, 1)
AGREED = CONTRACT.replace("target: 0.25}", "within: 60 days, target: 0.25}")
Rows = dict[str, list[dict[str, Any]]]


def scored(
    name: str,
    handed_at: str,
    score: Any,
    *,
    converted_at: str | None = None,
    touches: tuple[str, ...] = (),
    later: tuple[tuple[str, str], ...] = (),
    tracked: bool = True,
    **columns: Any,
) -> Rows:
    """Return the staging rows of a lead created an hour before it is handed over, seen by a load at once.

    `score` is that of the hand-off (null: never any); `later`: what it became, (instant, value).
    """
    created = str(datetime.fromisoformat(handed_at) - timedelta(hours=1))
    status = [(handed_at, "MQL"), *([(converted_at, "Qualified")] if converted_at else [])]
    now = later[-1][1] if later else score
    row = lead(name, created, email=f"{name}@x.co", status=status[-1][1], score=now, **columns)
    history = changes(name, "status", *status, first="New")
    if later:
        history += changes(name, "score", *later, first=str(score))
    if tracked:
        row["seen_at"] = created
    calls = [call(f"{name} {i}", name, at) for i, at in enumerate(touches)]
    return {"person": [row], "attribute_event": history, "activity": calls}


def joined(*parts: Rows) -> Rows:
    """Return the rows of several leads."""
    tables = {name for part in parts for name in part}
    return {name: [row for part in parts for row in part.get(name, [])] for name in sorted(tables)}


def warehouse(
    folder: Path, rows: Rows, *, as_of: datetime = AS_OF, contract: str = AGREED
) -> duckdb.DuckDBPyConnection:
    """Return an in-memory warehouse; rows are inserted all at once, columns left out are null."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "c.yaml").write_text(contract)
    con = duckdb.connect(config=SETTINGS)
    con.execute("create schema staging")
    con.execute("create schema run")
    con.execute("create table run.load (source varchar, load_id varchar, observed_at timestamp)")
    con.execute("create table run.source_table (source text, staging_table text, state text, n_rows bigint)")
    for table, columns in STAGING.items():
        con.execute(f"create table staging.{table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
        given = pd.DataFrame([{"source": "crm", **row} for row in rows.get(table, [])])
        if len(given):
            con.register("given", given)
            con.execute(
                f"insert into staging.{table} ({', '.join(given)}) select {', '.join(given)} from given"
            )
            con.unregister("given")
    derive(con, load_contracts(folder), as_of=as_of, known_at=as_of)
    return con


def company(seed: int, n: int = 900, *, truth: str = "useful", start: str = "2025-07-01") -> Rows:
    """Return a year of leads whose truth is known; all are handed over on a working morning.

    "useful": fit drives score and outcome, and leads are worked by lot. "steering": the score knows nothing
    of the lead, but the higher it is, the sooner the lead is worked, if at all. Work drives the outcome in
    both; company size follows fit, region nothing.
    """
    rng = np.random.default_rng(seed)
    days = pd.bdate_range(start, periods=260)
    at = np.sort(rng.integers(0, len(days), n))
    fit, noise = rng.normal(size=n), rng.normal(size=n)
    points = np.clip(np.round(60 + 10 * (fit if truth == "useful" else noise)), 1, 100).astype(int)
    pull = (points - 60) / 8 if truth == "steering" else np.zeros(n)
    worked = rng.random(n) < 1 / (1 + np.exp(-pull - 0.8))
    prompt = worked & (rng.random(n) < 1 / (1 + np.exp(-pull + 0.2)))
    chance = np.where(prompt, 0.2, np.where(worked, -1.0, -3.0)) + (1.3 * fit if truth == "useful" else 0.0)
    won = rng.random(n) < 1 / (1 + np.exp(-chance))
    wait = np.where(prompt, rng.integers(20, 100, n), rng.integers(200, 320, n))
    size = np.round(np.exp(5 + 0.8 * fit + 0.4 * rng.normal(size=n))).astype(int)
    region = rng.choice(["EMEA", "Americas"], n)
    parts = []
    for row in range(n):
        handed = days[at[row]] + pd.Timedelta(minutes=540 + row % 50)
        touched = (str(handed + pd.Timedelta(minutes=int(wait[row]))),) if worked[row] else ()
        goal = str(handed + pd.Timedelta(days=20)) if won[row] else None
        given = {"region": str(region[row]), "employees": int(size[row]), "channel": "Webinar"}
        parts.append(
            scored(f"l{row:04d}", str(handed), int(points[row]), converted_at=goal, touches=touched, **given)
        )
    return joined(*parts)
