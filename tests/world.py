"""A small warehouse from rows that a test states: the real contract, the real models, no files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from funnel.contract import load_contracts
from funnel.sources import STAGING
from funnel.warehouse.build import derive
from funnel.warehouse.connect import SETTINGS

AS_OF = datetime(2026, 7, 1)
CONTRACT = """
version: "2026-01"
effective_from: 2026-01-01
approved_by: {marketing: VP Marketing, sales: VP Sales}
company: Acme
currency: EUR
calendar: {zone: UTC, hours: {mon-fri: ["09:00-17:00"]}}
stages:
  - {name: inquiry, owner: marketing, entered_when: {created: true}}
  - {name: mql, owner: marketing, hands_to: sales, entered_when: {status: [MQL]},
     must_meet: {all: [{field: score, at_least: 60}, {field: email, is: valid}, {field: industry, in: [software]}]}}
  - {name: sal, owner: sales, entered_when: {status: [Accepted]}}
  - {name: sql, owner: sales, entered_when: {status: [Qualified]}}
  - {name: opportunity, owner: sales, entered_when: {opportunity: created}}
  - {name: won, owner: sales, entered_when: {opportunity: won}}
exits: {rejected: {status: [Disqualified]}, recycled: {status: [Nurture]}}
reject_reasons: {rejected: [Wrong person], recycled: [No budget]}
required_at_handoff: [email, company]
sla:
  - {name: first_touch, clock: business, within: 4 h, attainment: 0.9}
  - {name: cadence, clock: elapsed, attempts: 3, within: 10 days, attainment: 0.8}
  - {name: disposition, clock: elapsed, within: 14 days, attainment: 0.8}
verdict: {horizon: 90 days, landmark: 14 days}
targets:
  - {kpi: mql_to_sql, owners: [marketing, sales], target: 0.25}
"""


def world(
    folder: Path,
    *,
    contracts: dict[str, str] | None = None,
    as_of: datetime = AS_OF,
    **tables: list[dict[str, Any]],
) -> duckdb.DuckDBPyConnection:
    """Return an in-memory warehouse derived from staging rows; columns left out are null, `source` is 'crm'.

    `contracts` maps a file name to its YAML; by default one contract of six stages in UTC, working Monday to Friday, 9 to 17.
    """
    for name, text in (contracts or {"2026-01.yaml": CONTRACT}).items():
        (folder / name).write_text(text)
    con = duckdb.connect(config=SETTINGS)
    con.execute("create schema staging")
    con.execute("create schema run")
    con.execute("create table run.load (source varchar, load_id varchar, observed_at timestamp)")
    for table, columns in STAGING.items():
        con.execute(f"create table staging.{table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
        for row in tables.get(table, []):
            given = {"source": "crm", **row}
            marks = ", ".join("?" for _ in given)
            con.execute(
                f"insert into staging.{table} ({', '.join(given)}) values ({marks})", list(given.values())
            )
    derive(con, load_contracts(folder), as_of=as_of, known_at=as_of)
    return con


def lead(record_id: str, created_at: str, **columns: Any) -> dict[str, Any]:
    """Return a lead's staging row."""
    return {
        "record_id": record_id,
        "kind": "lead",
        "created_at": created_at,
        "created_precision": "second",
        **columns,
    }


def changes(
    record_id: str, field: str, *steps: tuple[str, str | None], first: str | None = None
) -> list[dict[str, Any]]:
    """Return the field history of a record: (instant, new value) in order."""
    values = [first, *(value for _, value in steps)]
    return [
        {
            "event_id": f"{record_id} {field} {i}",
            "record_id": record_id,
            "field": field,
            "old_value": values[i],
            "new_value": value,
            "changed_at": at,
            "changed_precision": "second",
            "evidence": "history",
        }
        for i, (at, value) in enumerate(steps)
    ]


def call(activity_id: str, record_id: str, at: str, **columns: Any) -> dict[str, Any]:
    """Return a done outbound call of a human."""
    done = {
        "kind": "call",
        "direction": "outbound",
        "is_done": True,
        "is_automated": False,
        "done_precision": "second",
    }
    return {
        "activity_id": activity_id,
        "record_id": record_id,
        "done_at": at,
        "created_at": at,
        **done,
        **columns,
    }
