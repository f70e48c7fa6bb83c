"""Further tables and columns of a house (tests/metrics/conftest.py) that hand-off and overlap metrics read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

COLUMNS = {
    "marts.handoff": {"record_key": "text", "gave_up_early": "boolean"},
    "marts.cycle": {"record_key": "text"},
    "marts.spend": {"campaign_id": "text"},
}
TABLES = {
    "core.activity": "activity_id text, rep_id text",
    "core.handoff_touch": "handoff_id text, activity_id text, touched_at timestamp",
    "core.handoff_window": "handoff_id text, next_handed_at timestamp",
    "core.attribute_event": "record_key text, field text, changed_at timestamp, changed_precision text",
    "core.person": "person_id text, account_id text",
    "core.campaign": "campaign_id text, name text",
}


def widened(here: Any) -> Any:
    """Return the house with the tables and columns that are missing, and a calendar of its own zone."""
    for table, columns in TABLES.items():
        here.con.execute(f"create table if not exists {table} ({columns})")
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            here.con.execute(f"alter table {table} add column if not exists {name} {kind}")
    here.add("contract.calendar", version="v1", calendar="default", zone="UTC")
    return here


def instant(text: str) -> datetime:
    """Return a naive instant of UTC."""
    return datetime.fromisoformat(text)
