"""What every test may use: a small warehouse from stated rows, and the real files where they lie beside the checkout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

SHARED = Path(__file__).parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow files, so that two processes end at about the same time."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[..., duckdb.DuckDBPyConnection]:
    """Return `world` bound to a folder of this test."""
    from world import world

    return lambda **given: world(tmp_path, **given)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real files and oracles, or skip with the reason."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real files and oracles (../shared) are not beside this checkout")
    return SHARED


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Yield a headless Chromium; a module that uses it has the marks of `browsing.MARKS`."""
    from browsing import launched

    yield from launched()


@pytest.fixture(scope="session")
def full_world(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Return a warehouse in which every model has rows: one person of each kind of passage."""
    from world import CONTRACT, call, changes, lead, world

    deal = {
        "created_precision": "second",
        "currency": "EUR",
        "amount": 1000,
        "created_at": "2026-03-06 10:00:00",
    }
    closed = {"closed_at": "2026-04-06 00:00:00", "closed_precision": "day", "is_closed": True}
    status = [
        ("2026-03-02 10:00:00", "MQL"),
        ("2026-03-03 10:00:00", "Accepted"),
        ("2026-03-04 10:00:00", "Qualified"),
    ]
    labelled = CONTRACT.replace(
        "entered_when: {status: [Qualified]}", "entered_when: {any: [{status: [Qualified]}, {event: [Demo]}]}"
    ).replace("verdict:", "pauses: {status: [Waiting]}\nverdict:")
    return world(
        tmp_path_factory.mktemp("full"),
        contracts={"c.yaml": labelled},
        person=[
            lead("old", "2025-01-01 00:00:00", status="Working"),
            lead(
                "a",
                "2026-03-02 09:00:00",
                status="Qualified",
                email="a@b.co",
                opportunity_id="o",
                score=70,
                contact_id="c",
                owner_id="r",
            ),
            {"record_id": "c", "kind": "contact", "created_at": "2026-03-06 10:00:00", "email": "a@b.co"},
            lead("b", "2026-03-02 09:00:00", status="Nurture", reason="No budget", owner_id="r"),
        ],
        attribute_event=changes("old", "status", ("2025-01-01 00:00:00", "Working"), first="New")
        + changes("a", "status", *status, first="New")
        + changes(
            "b",
            "status",
            ("2026-03-02 10:00:00", "MQL"),
            ("2026-03-04 10:00:00", "Waiting"),
            ("2026-03-09 10:00:00", "Nurture"),
            ("2026-05-09 10:00:00", "MQL"),
            first="New",
        ),
        stage_event=[
            {
                "event_id": "s",
                "record_id": "b",
                "label": "Demo",
                "entered_at": "2026-05-10 10:00:00",
                "entered_precision": "second",
            }
        ],
        account=[{"account_id": "acc", "name": "Acme", "employees": 300}],
        campaign=[{"campaign_id": "k", "name": "Spring", "channel": "Webinar"}],
        touch=[
            {
                "touch_id": "t",
                "record_id": "a",
                "campaign_id": "k",
                "touched_at": "2026-03-01 10:00:00",
                "touched_precision": "second",
            }
        ],
        activity=[call("c1", "a", "2026-03-02 11:00:00"), call("c2", "b", "2026-03-03 11:00:00")],
        assignment=[
            {
                "assignment_id": "1",
                "record_id": "a",
                "owner_id": "r",
                "assigned_at": "2026-03-02 10:05:00",
                "assigned_precision": "second",
            }
        ],
        opportunity=[
            {**deal, **closed, "opportunity_id": "o", "is_won": True, "account_id": "acc"},
            {
                **deal,
                **closed,
                "opportunity_id": "p",
                "is_won": False,
                "loss_reason": "Price",
                "campaign_id": "k",
            },
        ],
        opportunity_event=[
            {
                "event_id": "1",
                "opportunity_id": "o",
                "label": "Discovery",
                "amount": 900,
                "changed_at": "2026-03-06 10:00:00",
                "changed_precision": "second",
            },
            {
                "event_id": "2",
                "opportunity_id": "o",
                "label": "Won",
                "amount": 1000,
                "changed_at": "2026-04-06 15:00:00",
                "changed_precision": "second",
            },
        ],
        contact_role=[{"role_id": "1", "opportunity_id": "o", "record_id": "c", "is_primary": True}],
        spend=[
            {
                "spend_id": "1",
                "spent_on": "2026-03-01",
                "ends_on": "2026-03-31",
                "channel": "Webinar",
                "campaign_id": "k",
                "amount": 500,
            }
        ],
        rep=[{"rep_id": "r", "team": "Sales", "is_queue": False}],
    )
