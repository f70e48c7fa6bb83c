"""What each order of events lets count, and funnels under each; each test states its own rows."""

from __future__ import annotations

import pytest

from funnel.errors import UsageError
from funnel.metrics import conversion
from funnel.metrics.convention import ORDERS

MONTH = {"start_on": "2026-01-01", "end_on": "2026-02-01"}
TEN = {"within_days": 10}


def counted(con, to_stage: str, from_stage: str = "mql", **given) -> dict[str, int]:
    """Return n_converted by order."""
    table = conversion.orders(con, from_stage=from_stage, to_stage=to_stage, **(TEN | MONTH | given))
    return dict(zip(table["order"], table["n_converted"].tolist(), strict=True))


def under(con, order: str, to_stage: str = "sql", **given) -> int:
    """Return n_converted of one order, skips and window as given."""
    asked = {"from_stage": "mql", "to_stage": to_stage} | TEN | MONTH | given
    return int(conversion.rate(con, convention="cohort", order=order, **asked)["n_converted"].iloc[0])


def test_a_skipped_stage_is_shown_under_all_three_orders_with_three_labelled_numbers(house, rows) -> None:
    """One lead went MQL, SAL, SQL; one skipped SAL; one entered SAL only after SQL."""
    here = house()
    here.cycle("by the book", mql="2026-01-05", sal="2026-01-06", sql="2026-01-07")
    here.cycle("skipped sal", mql="2026-01-05", sql="2026-01-07")
    here.cycle("sal too late", mql="2026-01-05", sal="2026-01-08", sql="2026-01-07")
    here.cycle("sql before", mql="2026-01-05", sql="2026-01-04")
    con = here.open()
    columns = ["order", "skips", "n", "n_converted", "n_skipped"]
    to_sql = conversion.orders(con, from_stage="mql", to_stage="sql", **TEN, **MONTH)
    assert rows(to_sql, *columns) == [
        ("implied", "allowed", 4, 4, 2),
        ("in order", "allowed", 4, 3, 1),
        ("any order", "allowed", 4, 4, 2),
        ("strict", "refused", 4, 1, 0),
    ]
    assert counted(con, "sal") == {"implied": 4, "in order": 2, "any order": 2, "strict": 1}
    assert [rule.split("; ")[1].split(":")[0] for rule in to_sql["rule"]] == list(ORDERS)


def test_a_skipped_stage_is_imputed_by_implication_alone_and_counted_beside_the_other_orders(
    house, rows
) -> None:
    here = house()
    here.cycle("skipped sal", mql="2026-01-05", sql="2026-01-07")
    table = conversion.orders(here.open(), from_stage="mql", to_stage="sal", **TEN, **MONTH)
    assert rows(table, "order", "n_converted", "n_observed", "n_imputed") == [
        ("implied", 1, 0, 1),
        ("in order", 0, 0, 1),
        ("any order", 0, 0, 1),
        ("strict", 0, 0, 1),
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("2026-01-15 10:00:00", (1, 1)),
        ("2026-01-15 10:00:01", (0, 0)),
        ("2026-01-05 10:00:00", (1, 1)),
        ("2026-01-05 09:59:59", (0, 1)),
        ("2025-12-26 10:00:00", (0, 1)),
        ("2025-12-26 09:59:59", (0, 0)),
    ],
)
def test_the_ends_of_the_window_are_inside_on_both_sides(house, sql: str, expected) -> None:
    """Ten days from 5 January 10:00; in order from the entry on, in any order from ten days before."""
    here = house()
    here.cycle("a", mql="2026-01-05 10:00:00", sql=sql)
    con = here.open()
    assert (under(con, "in order"), under(con, "any order")) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("2026-01-15", (1, 1)),
        ("2026-01-16", (0, 0)),
        ("2026-01-05", (1, 1)),
        ("2026-01-04", (0, 1)),
        ("2025-12-26", (0, 1)),
        ("2025-12-25", (0, 0)),
    ],
)
def test_days_are_compared_where_only_the_day_is_known(house, sql: str, expected) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05 10:00:00", sql=sql, day=["sql"])
    con = here.open()
    assert (under(con, "in order"), under(con, "any order")) == expected


@pytest.mark.parametrize("order", ["in order", "any order", "strict"])
def test_equal_instants_count_in_funnel_order(house, order: str) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05 10:00:00", sal="2026-01-05 10:00:00", sql="2026-01-05 10:00:00")
    con = here.open()
    assert under(con, order) == 1
    assert under(con, order, skips="refused") == 1


def test_the_events_of_a_day_without_times_count_in_funnel_order_in_strict_too(house) -> None:
    """SAL is known to the day, SQL to the second of the same day: SAL is taken to come first."""
    here = house()
    here.cycle("a", mql="2026-01-04", sal="2026-01-05", sql="2026-01-05 09:00:00", day=["sal"])
    con = here.open()
    assert under(con, "strict") == 1
    assert under(con, "in order", skips="refused") == 1


def test_so_does_the_later_stage_that_is_known_only_to_the_day(house) -> None:
    """SQL is stored at the midnight that starts its day, before the SAL of 9:00 of the same day."""
    here = house()
    here.cycle("a", mql="2026-01-04", sal="2026-01-05 09:00:00", sql="2026-01-05", day=["sql"])
    con = here.open()
    assert under(con, "strict") == 1
    assert under(con, "in order", skips="refused") == 1


def test_with_times_on_that_day_the_order_of_the_times_counts(house) -> None:
    here = house()
    here.cycle("a", mql="2026-01-04", sal="2026-01-05 10:00:00", sql="2026-01-05 09:00:00")
    con = here.open()
    assert under(con, "strict") == 0
    assert under(con, "in order", skips="refused") == 0
    assert under(con, "any order", skips="refused") == 1


def test_a_second_visit_of_the_stage_serves_where_the_first_came_too_early(house) -> None:
    """SQL on the 4th, MQL on the 5th, SQL again on the 7th: in order it converted, on the 7th."""
    here = house()
    here.cycle("again", mql="2026-01-05", sql="2026-01-04", visits=[("sql", "2026-01-07")])
    con = here.open()
    assert under(con, "in order") == 1
    assert under(con, "in order", within_days=1) == 0


def test_a_chain_takes_the_visits_that_fit(house) -> None:
    """SAL 4th and 8th, MQL 5th, SQL 9th: SAL of the 8th lies between, that of the 4th does not."""
    here = house()
    here.cycle("fits", mql="2026-01-05", sal="2026-01-04", sql="2026-01-09", visits=[("sal", "2026-01-08")])
    here.cycle("does not", mql="2026-01-05", sal="2026-01-04", sql="2026-01-09")
    here.cycle("too late", mql="2026-01-05", sal="2026-01-10", sql="2026-01-09")
    assert under(here.open(), "in order", skips="refused") == 1


@pytest.mark.parametrize(
    "visit", [("mql", "2026-01-05 12:00:00"), ("won", "2026-01-05 12:00:00"), ("sal", "2026-01-06 12:00:00")]
)
def test_strict_allows_nothing_between(house, visit) -> None:
    """A second MQL, a won, a second SAL: each breaks the chain of next events, and no other order."""
    here = house()
    here.cycle("a", mql="2026-01-05", sal="2026-01-06", sql="2026-01-07", visits=[visit])
    con = here.open()
    assert under(con, "strict") == 0
    assert under(con, "in order", skips="refused") == 1


def test_strict_counts_from_the_first_entry_and_ignores_what_was_before(house) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", sal="2026-01-06", sql="2026-01-07", visits=[("won", "2026-01-02")])
    here.cycle("late", mql="2026-01-05", sal="2026-01-06", sql="2026-01-16")
    assert under(here.open(), "strict") == 1


def test_only_observed_entries_make_a_cohort_unless_implied(house, rows) -> None:
    here = house()
    here.cycle("no mql", sal="2026-01-05", sql="2026-01-06")
    here.cycle("mql", mql="2026-01-05", sql="2026-01-06")
    table = conversion.orders(here.open(), from_stage="mql", to_stage="sql", **TEN, **MONTH)
    assert rows(table, "n", "n_entry_imputed", "n_converted") == [(2, 1, 2), (1, 0, 1), (1, 0, 1), (1, 0, 0)]


def test_an_entry_of_unknown_time_counts_in_no_observed_order(house) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", sql=None)
    here.cycle("b", mql=None, sql="2026-01-06")
    assert counted(here.open(), "sql") == {"implied": 0, "in order": 0, "any order": 0, "strict": 0}


def test_an_impossible_entry_is_flagged_under_every_order(house, rows) -> None:
    here = house()
    here.cycle("won first", mql="2026-01-05", sql="2026-01-03", impossible=["sql"])
    table = conversion.orders(here.open(), from_stage="mql", to_stage="sql", **TEN, **MONTH)
    assert rows(table, "n_impossible", "n_converted") == [(1, 1), (1, 0), (1, 1), (1, 0)]


def test_a_funnel_in_an_order_needs_every_stage_before(house, rows) -> None:
    """Three leads as above: in order the chain of the one that skipped SAL ends at MQL."""
    here = house()
    here.cycle("by the book", mql="2026-01-05", sal="2026-01-06", sql="2026-01-07")
    here.cycle("skipped sal", mql="2026-01-05", sql="2026-01-07")
    here.cycle("sal too late", mql="2026-01-05", sal="2026-01-08", sql="2026-01-07")
    con = here.open()
    found = {
        order: conversion.paths(con, from_stage="mql", order=order, **TEN, **MONTH)["n"].tolist()
        for order in ORDERS
    }
    assert found == {
        "implied": [3, 3, 3, 0],
        "in order": [3, 2, 1, 0],
        "any order": [3, 2, 2, 0],
        "strict": [3, 1, 1, 0],
    }


def test_a_funnel_in_an_order_has_next_step_and_cumulative_rates(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", sal="2026-01-06", sql="2026-01-07")
    here.cycle("b", mql="2026-01-05", sal="2026-01-06")
    here.cycle("c", mql="2026-01-05")
    here.cycle("d", mql="2026-01-05", sql="2026-01-06")
    table = conversion.paths(here.open(), from_stage="mql", order="in order", **TEN, **MONTH)
    columns = ["stage", "n", "n_entered", "n_imputed", "next_rate", "next_low", "rate", "low", "is_mature"]
    assert rows(table, *columns) == [
        ("mql", 4, 4, 0, 0.5, 0.15, 1.0, 0.5101, True),
        ("sal", 2, 4, 1, 0.5, 0.0945, 0.5, 0.15, True),
        ("sql", 1, 4, 0, 0.0, 0.0, 0.25, 0.0456, True),
        ("won", 0, 4, 0, None, None, 0.0, 0.0, True),
    ]


def test_a_funnel_of_nobody_has_all_stages_and_null_rates(house, rows) -> None:
    table = conversion.paths(house().open(), from_stage="sal", order="strict", **TEN)
    assert rows(table, "stage", "n", "rate", "next_rate", "is_mature") == [
        ("sal", 0, None, None, False),
        ("sql", 0, None, None, False),
        ("won", 0, None, None, False),
    ]


def test_wrong_words_of_a_funnel_are_refused(house) -> None:
    con = house().open()
    with pytest.raises(UsageError, match=r"no order 'random'"):
        conversion.paths(con, from_stage="mql", order="random", **TEN)
    with pytest.raises(UsageError, match="'won' does not come after 'won'"):
        conversion.paths(con, from_stage="won", order="strict", **TEN)
