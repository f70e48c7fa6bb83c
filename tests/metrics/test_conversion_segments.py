"""The agreed conversion, and the same by every segment column; each test states its own rows."""

from __future__ import annotations

import pytest

from funnel.metrics import agreed, conversion

ASKED = {"from_stage": "mql", "to_stage": "sql", "within_days": 10}
MONTH = {"start_on": "2026-01-01", "end_on": "2026-02-01"}


def test_each_column_that_the_source_fills_stands_with_its_values_largest_first(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", sql="2026-01-06", channel="ads", region="EU", person_id="p")
    here.cycle("b", mql="2026-01-05", channel="events", region="EU")
    here.cycle("c", mql="2026-01-20", channel="events", region=None, person_id="p", **{"pass": 2})
    table = conversion.segments(here.open(), **ASKED, **MONTH)
    assert rows(table, "segment", "value", "n", "n_persons", "n_converted", "rate", "is_small") == [
        ("all", "all", 3, 2, 1, 0.3333, True),
        ("channel", "events", 2, 2, 0, 0.0, True),
        ("channel", "ads", 1, 1, 1, 1.0, True),
        ("region", "EU", 2, 2, 1, 0.5, True),
        ("region", None, 1, 1, 0, 0.0, True),
        ("pass", "first", 2, 2, 1, 0.5, True),
        ("pass", "repeat", 1, 1, 0, 0.0, True),
    ]


def test_the_young_are_left_out_of_every_segment(house, rows) -> None:
    here = house("2026-01-30 00:00:00")
    here.cycle("old enough", mql="2026-01-20 00:00:00", channel="ads")
    here.cycle("a second young", mql="2026-01-20 00:00:01", channel="ads")
    table = conversion.segments(here.open(), **ASKED, **MONTH)
    assert rows(table[:2], "segment", "n") == [("all", 1), ("channel", 1)]


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([], ("mql", "won", 90.0)),
        ([("mql_to_sql", None)], ("mql", "sql", 90.0)),
        ([("mql_to_sql", 60 * 86400)], ("mql", "sql", 60.0)),
        ([("win_rate", None), ("sal_to_won", 5 * 86400)], ("sal", "won", 5.0)),
        ([("sal_to_won", None), ("mql_to_won", None), ("mql_to_sal", None)], ("mql", "sal", 90.0)),
        ([("won_to_mql", None)], ("mql", "won", 90.0)),
    ],
)
def test_the_agreed_conversion_is_the_first_with_a_target_else_first_stage_to_last(
    house, targets, expected
) -> None:
    here = house()
    for kpi, seconds in targets:
        here.target(kpi, 0.25, within_seconds=seconds)
    assert tuple(agreed.conversion(here.open()).values()) == expected


def test_without_a_target_it_begins_where_entries_are_recorded_with_a_time(house) -> None:
    """MQL is never recorded and SAL never dated: SQL to won is what can be followed."""
    here = house()
    here.cycle("a", sal=None, sql="2026-01-05")
    assert agreed.conversion(here.open()) == {"from_stage": "sql", "to_stage": "won", "within_days": 90.0}


def test_of_two_agreed_conversions_the_heavier_is_shown(house) -> None:
    here = house()
    here.target("mql_to_sal", 0.25, weight=1.0)
    here.target("sal_to_won", 0.25, weight=2.0)
    assert agreed.conversion(here.open())["from_stage"] == "sal"
