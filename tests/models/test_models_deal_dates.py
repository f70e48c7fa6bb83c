"""Deals whose dates are coarse or missing, and what a deal may tell about its lead."""

from __future__ import annotations

import pytest
from world import CONTRACT, changes, lead

DEAL = {
    "opportunity_id": "o",
    "currency": "EUR",
    "amount": 1000,
    "created_at": "2026-03-06 10:00:00",
    "created_precision": "second",
}
LOST = {**DEAL, "is_closed": True, "is_won": False, "loss_reason": "Price"}
WON = {
    **DEAL,
    "is_closed": True,
    "is_won": True,
    "closed_at": "2026-04-06 00:00:00",
    "closed_precision": "day",
}
STATUS = [
    ("2026-03-02 10:00:00", "MQL"),
    ("2026-03-03 10:00:00", "Accepted"),
    ("2026-03-04 10:00:00", "Qualified"),
]


def rows(con, sql):
    return con.execute(sql).fetchall()


@pytest.mark.parametrize("opened", [{}, {"created_at": None, "created_precision": "unknown"}])
def test_a_deal_lost_on_an_unknown_day_ends_the_passage_after_all_that_is_known_of_it(make_world, opened):
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00", status="Qualified", opportunity_id="o")],
        attribute_event=changes("a", "status", *STATUS, first="New"),
        opportunity=[{**LOST, **opened}],
    )
    cycles = rows(
        con, "select pass, furthest_stage, exit, exit_at, exit_precision, exit_reason from core.cycle"
    )
    assert cycles == [(1, "opportunity", "lost", None, "unknown", "Price")]


def test_two_deals_one_lost_on_an_unknown_day_and_one_won_are_one_passage_that_was_won(make_world):
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00", status="New")],
        opportunity=[{**LOST, "record_id": "a"}, {**WON, "record_id": "a", "opportunity_id": "p"}],
    )
    assert rows(con, "select pass, furthest_stage, exit from core.cycle") == [(1, "won", "won")]


@pytest.mark.parametrize(
    ("precision", "closed"),
    [
        ("second", ("2026-04-06 15:00:00", "second")),
        (None, ("2026-04-06 15:00:00", "second")),
        ("day", ("2026-04-06 00:00:00", "day")),
    ],
)
def test_the_closing_day_takes_its_second_only_from_a_change_known_to_the_second(
    make_world, precision, closed
):
    at = "2026-04-06 00:00:00" if precision == "day" else "2026-04-06 15:00:00"
    con = make_world(
        opportunity=[WON],
        opportunity_event=[
            {
                "event_id": "1",
                "opportunity_id": "o",
                "label": "Discovery",
                "changed_at": "2026-03-06 10:00:00",
                "changed_precision": "second",
            },
            {
                "event_id": "2",
                "opportunity_id": "o",
                "label": "Won",
                "changed_at": at,
                "changed_precision": precision,
            },
        ],
    )
    assert rows(con, "select cast(closed_at as varchar), closed_precision from core.opportunity") == [closed]


def test_the_account_of_a_deal_does_not_describe_the_lead_that_led_to_it(make_world):
    """Only leads that came far have a deal, so a split by its account's industry would know the outcome."""
    con = make_world(
        person=[lead("a", "2026-03-02 09:00:00"), lead("b", "2026-03-02 09:00:00")],
        account=[
            {
                "account_id": "acc",
                "industry": "retail",
                "region": "West",
                "country": "Kenya",
                "employees": 300,
            }
        ],
        opportunity=[{**WON, "record_id": "a", "account_id": "acc"}],
    )
    dims = "industry, region, country, company_size"
    assert rows(con, f"select person_id, {dims} from marts.cycle order by all") == [
        ("crm:a", None, None, None, None),
        ("crm:b", None, None, None, None),
    ]
    assert rows(con, f"select {dims} from marts.opportunity") == [("retail", "West", "Kenya", "250-999")]


def test_the_account_describes_a_lead_that_names_it_and_a_deal_without_a_lead(make_world):
    con = make_world(
        contracts={"c.yaml": CONTRACT},
        person=[lead("a", "2026-03-02 09:00:00", account_id="acc")],
        account=[{"account_id": "acc", "industry": "retail"}],
        opportunity=[{**WON, "account_id": "acc"}],
    )
    assert rows(con, "select subject_id, industry from marts.cycle order by all") == [
        ("crm:a", "retail"),
        ("crm:o", "retail"),
    ]
