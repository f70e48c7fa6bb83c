"""Small worlds of hand-offs for the audit of a batch: campaign B is disputed, campaign A came before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from world import CONTRACT, call, changes, lead

Rows = dict[str, list[dict[str, Any]]]
FIELDS = ("score", "email", "industry", "company")
CAMPAIGNS = [
    {"campaign_id": "a", "name": "Spring webinar", "channel": "Webinar"},
    {"campaign_id": "b", "name": "Summer series", "channel": "Webinar"},
]
REPS = [
    {"rep_id": "r1", "name": "Grace Hopper", "team": "Sales", "is_queue": False},
    {"rep_id": "r2", "name": "Alan Turing", "team": "Sales", "is_queue": False},
]
EVENT_CONTRACT = CONTRACT.replace(
    "entered_when: {status: [Qualified]}", "entered_when: {any: [{status: [Qualified]}, {event: [Demo]}]}"
)


def person(
    name: str,
    handed_at: str,
    *steps: tuple[str, str],
    campaign: str = "b",
    touches: tuple[str, ...] = (),
    reason: tuple[str, str] | None = None,
    tracked: bool = True,
    **columns: Any,
) -> Rows:
    """Return the staging rows of a lead created an hour before it is handed over; steps: (instant, status)."""
    handed = datetime.fromisoformat(handed_at)
    created = str(handed - timedelta(hours=1))
    known = {"score": 70, "email": f"{name}@x.co", "industry": "software", "company": "Acme", **columns}
    status = steps[-1][1] if steps else "MQL"
    row = lead(
        name,
        created,
        campaign_id=campaign,
        channel="Webinar",
        status=status,
        owner_id="r1",
        name=f"N {name}",
        **known,
    )
    history = changes(name, "status", (handed_at, "MQL"), *steps, first="New")
    if reason:
        history += changes(name, "reason", reason)
        row["reason"] = reason[1]
    if tracked:
        row["seen_at"] = created
    calls = [call(f"{name} {i}", name, at, rep_id="r1", outcome="No answer") for i, at in enumerate(touches)]
    return {"person": [row], "attribute_event": history, "activity": calls}


def joined(*parts: Rows) -> Rows:
    """Return the rows of several people as one world, with its campaigns and reps."""
    tables: Rows = {"campaign": CAMPAIGNS, "rep": REPS}
    for part in parts:
        for table, rows in part.items():
            tables[table] = tables.get(table, []) + rows
    return tables


def before(n: int, *, converted: int) -> list[Rows]:
    """Return n earlier leads of campaign A, handed over from January on, the first of which convert."""
    rows = []
    for i in range(n):
        handed = datetime(2026, 1, 5, 10) + timedelta(hours=3 * i)
        touch = str(handed + timedelta(hours=2))
        steps = [(str(handed + timedelta(days=3)), "Qualified")] if i < converted else []
        rows.append(person(f"a{i:03d}", str(handed), *steps, campaign="a", touches=(touch,) if i % 3 else ()))
    return rows
