"""What became of an opportunity's stage, amount and expected close, change by change."""

from __future__ import annotations

from typing import Any

import pytest
from world import CONTRACT

DEAL = {"created_at": "2026-03-02 09:00:00", "created_precision": "second", "currency": "EUR"}
OPEN = {**DEAL, "opportunity_id": "o", "stage": "Proposal", "amount": 1000, "is_closed": False}
LOST = {
    **DEAL,
    "opportunity_id": "l",
    "stage": "Closed Lost",
    "amount": 300,
    "is_closed": True,
    "is_won": False,
    "closed_at": "2026-04-06 00:00:00",
    "closed_precision": "day",
}


def change(event_id: str, at: str | None, label: str, deal: str = "o", **more: Any) -> dict[str, Any]:
    precision = {"changed_precision": "second" if at else "unknown"}
    return {
        "event_id": event_id,
        "opportunity_id": deal,
        "label": label,
        "changed_at": at,
        **precision,
        **more,
    }


HISTORY = [
    change("1", "2026-03-02 09:00:00", "Discovery", amount=900, close_on="2026-05-01"),
    change("2", "2026-03-09 09:00:00", "Discovery", amount=800, close_on="2026-05-01"),
    change("3", "2026-03-16 09:00:00", "Proposal", amount=800, close_on="2026-06-01"),
    change("4", "2026-03-23 09:00:00", "Proposal", amount=1000, close_on="2026-06-01"),
]


def rows(con, sql):
    return con.execute(sql).fetchall()


def test_each_change_says_what_it_changed_from_what_to_what(make_world):
    con = make_world(opportunity=[OPEN], opportunity_event=HISTORY)
    found = """
        select place, cast(changed_on as varchar), old_stage, stage, cast(old_amount as integer),
            cast(amount as integer), cast(old_close_on as varchar), cast(close_on as varchar), old_state, state
        from marts.opportunity_change order by place
    """
    assert rows(con, found) == [
        (1, "2026-03-02", None, "Discovery", None, 900, None, "2026-05-01", None, "open"),
        (2, "2026-03-09", "Discovery", "Discovery", 900, 800, "2026-05-01", "2026-05-01", "open", "open"),
        (3, "2026-03-16", "Discovery", "Proposal", 800, 800, "2026-05-01", "2026-06-01", "open", "open"),
        (4, "2026-03-23", "Proposal", "Proposal", 800, 1000, "2026-06-01", "2026-06-01", "open", "open"),
    ]


def test_a_change_of_the_amount_alone_is_no_entry_into_a_stage_and_still_gives_the_amount(make_world):
    """The last stage was entered at 800; the amount became 1,000 a week later, and that is the amount."""
    con = make_world(opportunity=[{**OPEN, "amount": 1}], opportunity_event=HISTORY)
    assert rows(con, "select event_id, label from core.opportunity_event order by 1") == [
        ("1", "Discovery"),
        ("3", "Proposal"),
    ]
    assert rows(con, "select cast(amount as integer) from core.opportunity") == [(1000,)]


def test_a_stage_that_comes_back_is_a_change_of_its_own(make_world):
    history = [*HISTORY, change("5", "2026-03-24 09:00:00", "Discovery")]
    con = make_world(opportunity=[OPEN], opportunity_event=history)
    assert rows(con, "select event_id from core.opportunity_event order by 1") == [("1",), ("3",), ("5",)]


def test_the_day_of_a_change_is_of_the_contracts_zone(make_world):
    con = make_world(
        contracts={"c.yaml": CONTRACT.replace("zone: UTC", "zone: Europe/Berlin")},
        opportunity=[OPEN],
        opportunity_event=[change("1", "2026-03-02 23:00:00", "Discovery"), change("2", None, "Proposal")],
    )
    found = "select event_id, cast(changed_on as varchar) from core.opportunity_change join marts.opportunity_change using (opportunity_id, place) order by 1"
    assert rows(con, found) == [("1", "2026-03-03"), ("2", None)]


def test_changes_within_one_second_are_in_order_of_their_ids_and_undated_ones_come_first(make_world):
    at = "2026-03-02 09:00:00"
    history = [change("3", at, "C"), change("2", at, "B"), change("9", None, "A")]
    con = make_world(opportunity=[OPEN], opportunity_event=history)
    assert rows(con, "select stage from marts.opportunity_change order by place") == [("A",), ("B",), ("C",)]


def test_what_changes_at_the_instant_of_the_report_is_not_seen(make_world):
    history = [change("1", "2026-06-30 23:59:59", "A"), change("2", "2026-07-01 00:00:00", "B")]
    con = make_world(opportunity=[OPEN], opportunity_event=history)
    assert rows(con, "select stage from marts.opportunity_change") == [("A",)]


@pytest.mark.parametrize(
    ("other", "states"),
    [
        ({}, ["open", "lost", "open"]),
        ({"stage": "closed lost "}, ["open", "open", "open"]),
    ],
)
def test_a_label_closes_a_deal_if_the_source_holds_closed_ones_under_it_and_no_open_one(
    make_world, other, states
):
    history = [
        change("1", "2026-03-02 09:00:00", "Discovery"),
        change("2", "2026-03-09 09:00:00", "Closed lost"),
        change("3", "2026-03-16 09:00:00", "Proposal"),
    ]
    con = make_world(
        opportunity=[OPEN, LOST, {**OPEN, "opportunity_id": "p", **other}], opportunity_event=history
    )
    found = "select state from marts.opportunity_change where opportunity_id = 'crm:o' order by place"
    assert [state for (state,) in rows(con, found)] == states
