"""Obligations on hand-offs: met, missed, early, open, unknown, and the ones never touched."""

from __future__ import annotations

import pytest

from funnel.metrics import handoff

COUNTS = ["n_hand_offs", "n", "n_met", "n_missed", "n_untouched", "n_early", "n_open", "n_unknown"]


def agree(here, sla: str = "first_touch", attainment: float | None = 0.9) -> None:
    words = {"words": f"{sla} in words", "clock": "business", "within_seconds": 4 * 3600}
    here.add("contract.sla", version="v1", sla=sla, attainment=attainment, **words)


def owe(here, name: str, due: str, outcome: str, at: str = "2026-01-05 09:00:00", **row) -> None:
    here.handoff(name, at, sla={"first_touch": (due, outcome)}, **row)


def test_the_rate_is_of_passed_deadlines_and_the_parts_add_up(house, rows) -> None:
    """Report at noon: due at noon is judged; due a second later is not, though one of those is met."""
    here = house("2026-01-05 12:00:00")
    agree(here)
    owe(here, "met", "2026-01-05 12:00:00", "met", first_touch_at="2026-01-05 10:00:00")
    owe(here, "missed late", "2026-01-05 11:00:00", "missed", first_touch_at="2026-01-05 11:30:00")
    owe(here, "missed silent", "2026-01-05 11:00:00", "missed")
    owe(here, "met early", "2026-01-05 12:00:01", "met", first_touch_at="2026-01-05 10:00:00")
    owe(here, "open", "2026-01-05 12:00:01", "open")
    table = handoff.sla(here.open())
    assert rows(table, "sla", *COUNTS) == [("first_touch", 5, 3, 1, 2, 1, 1, 1, 0)]
    assert rows(table, "rate", "low", "high", "agreed", "owners", "state") == [
        (0.3333, 0.0615, 0.7923, 0.9, "sales", "ok")
    ]
    parts = table[["n_met", "n_missed", "n_early", "n_open", "n_unknown"]].sum(axis=1)
    assert parts.tolist() == table["n_hand_offs"].tolist()


def test_unknown_outcomes_give_a_range_from_all_missed_to_all_met(house, rows) -> None:
    here = house()
    agree(here)
    owe(here, "met", "2026-01-05 12:00:00", "met")
    owe(here, "missed", "2026-01-05 12:00:00", "missed")
    owe(here, "unknown", "2026-01-05 12:00:00", "unknown")
    owe(here, "undated", None, "unknown", at=None)
    assert rows(handoff.sla(here.open()), "n", "n_unknown", "rate", "range_low", "range_high") == [
        (2, 2, 0.5, 0.25, 0.75)
    ]


def test_without_activities_an_obligation_is_not_in_this_source(house, rows) -> None:
    here = house()
    here.sources("person", "opportunity")
    agree(here)
    owe(here, "a", "2026-01-05 12:00:00", "unknown")
    assert rows(handoff.sla(here.open()), "n", "rate", "low", "range_low", "range_high", "state") == [
        (0, None, None, 0.0, 1.0, "not in this source")
    ]


def test_disposition_needs_no_activities(house, rows) -> None:
    here = house()
    here.sources("person")
    agree(here, "disposition")
    here.handoff("a", "2026-01-05", "accepted", sla={"disposition": ("2026-01-19", "met")})
    assert rows(handoff.sla(here.open()), "sla", "n", "rate", "state") == [("disposition", 1, 1.0, "ok")]


def test_only_hand_offs_of_the_span_count_its_end_excluded(house, rows) -> None:
    here = house()
    agree(here)
    owe(here, "before", "2026-01-05 12:00:00", "met", at="2026-01-04 23:59:59")
    owe(here, "first", "2026-01-05 12:00:00", "met", at="2026-01-05 00:00:00")
    owe(here, "last", "2026-01-12 12:00:00", "missed", at="2026-01-11 23:59:59")
    owe(here, "after", "2026-01-12 12:00:00", "met", at="2026-01-12 00:00:00")
    table = handoff.sla(here.open(), start_on="2026-01-05", end_on="2026-01-12")
    assert rows(table, "n", "n_met", "n_missed") == [(2, 1, 1)]


def test_a_week_is_mature_when_it_is_over_and_no_deadline_lies_ahead(house, rows) -> None:
    here = house("2026-01-26 00:00:00")
    agree(here)
    owe(here, "a", "2026-01-06 12:00:00", "met", at="2026-01-05 09:00:00")
    owe(here, "b", "2026-01-26 00:00:01", "open", at="2026-01-23 17:00:00")
    owe(here, "c", "2026-01-26 00:00:00", "missed", at="2026-01-23 16:00:00")
    table = handoff.weekly(here.open())
    columns = ["week_on", "n_hand_offs", "n", "rate", "is_mature", "observed_share", "agreed"]
    assert rows(table, *columns) == [
        ("2026-01-05", 1, 1, 1.0, True, 1.0, 0.9),
        ("2026-01-12", 0, 0, None, True, None, 0.9),
        ("2026-01-19", 2, 1, 0.0, False, 0.5, 0.9),
    ]


def test_the_running_week_is_shown_and_not_mature(house, rows) -> None:
    here = house("2026-01-07 00:00:00")
    agree(here)
    owe(here, "a", "2026-01-06 12:00:00", "met", at="2026-01-05 09:00:00")
    assert rows(handoff.weekly(here.open()), "week_on", "n", "is_mature") == [("2026-01-05", 1, False)]


def test_each_obligation_has_its_own_weeks(house, rows) -> None:
    here = house("2026-01-19 00:00:00")
    agree(here)
    agree(here, "disposition", None)
    here.handoff(
        "a", "2026-01-05", sla={"first_touch": ("2026-01-06", "met"), "disposition": ("2026-01-19", "met")}
    )
    table = handoff.weekly(here.open())
    assert rows(table, "sla", "week_on", "n_hand_offs", "agreed") == [
        ("disposition", "2026-01-05", 1, None),
        ("disposition", "2026-01-12", 0, None),
        ("first_touch", "2026-01-05", 1, 0.9),
        ("first_touch", "2026-01-12", 0, 0.9),
    ]


@pytest.mark.parametrize(
    ("at", "age"),
    [
        ("2026-03-31 00:00:00", "up to 1 day"),
        ("2026-03-30 23:59:59", "over 1 to 7 days"),
        ("2026-03-25 00:00:00", "over 1 to 7 days"),
        ("2026-03-18 00:00:00", "over 7 to 14 days"),
        ("2026-03-17 23:59:59", "over 14 to 30 days"),
        ("2026-03-01 23:59:59", "over 30 to 90 days"),
        ("2025-12-31 23:59:59", "over 90 days"),
    ],
)
def test_ages_end_on_the_stroke(house, rows, at: str, age: str) -> None:
    here = house("2026-04-01 00:00:00")
    here.handoff("a", at)
    assert rows(handoff.untouched(here.open()), "age", "n") == [(age, 1), ("all", 1)]


def test_the_untouched_are_told_from_the_touched_and_the_settled(house, rows) -> None:
    here = house("2026-01-10 00:00:00")
    here.handoff("touched", "2026-01-05", first_touch_at="2026-01-06")
    here.handoff("silent", "2026-01-05")
    here.handoff("rejected unseen", "2026-01-05", "rejected")
    table = handoff.untouched(here.open())
    assert rows(table, "age", "n", "n_untouched", "n_untouched_open", "share", "state") == [
        ("over 1 to 7 days", 3, 2, 1, 0.6667, "ok"),
        ("all", 3, 2, 1, 0.6667, "ok"),
    ]


def test_without_activities_the_untouched_are_null_and_not_all(house, rows) -> None:
    here = house("2026-01-10 00:00:00")
    here.sources("person")
    here.handoff("a", "2026-01-05")
    assert rows(handoff.untouched(here.open()).tail(1), "n", "n_untouched", "share", "state") == [
        (1, None, None, "not in this source")
    ]


def test_no_hand_off_gives_no_rows(house) -> None:
    con = house().open()
    assert [len(handoff.sla(con)), len(handoff.weekly(con)), len(handoff.untouched(con))] == [0, 0, 0]
