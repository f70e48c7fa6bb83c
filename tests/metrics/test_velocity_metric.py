"""Durations: observed only, whole days where a day is all that is known, impossible orders kept out."""

from __future__ import annotations

import pytest

from funnel.errors import UsageError
from funnel.metrics import velocity

ASKED = {"from_stage": "mql", "to_stage": "sal"}
KEPT = ["n", "n_entered", "n_reached", "n_imputed", "n_impossible", "n_undated"]


def test_quantiles_mean_and_n_are_of_observed_pairs(house, rows) -> None:
    """1, 2, 3 and 10 days: median 2.5, mean 4, quartiles 1.75 and 4.75, p90 7.9 (linear interpolation)."""
    here = house()
    for days in ("02", "03", "04", "11"):
        here.cycle(days, mql="2026-01-01 12:00:00", sal=f"2026-01-{days} 12:00:00")
    table = velocity.between(here.open(), **ASKED)
    columns = ["from_title", "to_title", "n", "median_days", "mean_days", "p25", "p75", "p90", "precision"]
    assert rows(table, *columns) == [("MQL", "SAL", 4, 2.5, 4.0, 1.75, 4.75, 7.9, "second")]


def test_what_is_kept_out_of_durations_is_counted_by_why(house, rows) -> None:
    here = house()
    here.cycle("used", mql="2026-01-01", sal="2026-01-02")
    here.cycle("imputed", mql="2026-01-01", sql="2026-01-02")
    here.cycle("flagged", mql="2026-01-03", sal="2026-01-02", impossible=["sal"])
    here.cycle("backward", mql="2026-01-03", sal="2026-01-02")
    here.cycle("undated", mql="2026-01-01", sal=None)
    here.cycle("not there", mql="2026-01-01")
    table = velocity.between(here.open(), **ASKED)
    assert rows(table, *KEPT) == [(1, 6, 5, 1, 2, 1)]
    assert rows(table, "median_days") == [(1.0,)]


def test_a_time_of_nothing_is_a_time_and_a_second_before_is_not(house, rows) -> None:
    here = house()
    here.cycle("at once", mql="2026-01-01 00:00:01", sal="2026-01-01 00:00:01")
    here.cycle("a second early", mql="2026-01-01 00:00:01", sal="2026-01-01 00:00:00")
    assert rows(velocity.between(here.open(), **ASKED), "n", "n_impossible", "mean_days") == [(1, 1, 0.0)]


def test_whole_calendar_days_count_where_one_end_is_known_to_the_day(house, rows) -> None:
    """SAL on the day of an MQL at 15:00 is stored at that day's midnight: 0 days, not before it."""
    here = house()
    here.cycle("same day", mql="2026-01-01 15:00:00", sal="2026-01-01", day=["sal"])
    here.cycle("next day", mql="2026-01-01 23:59:59", sal="2026-01-02", day=["sal"])
    here.cycle("day before", mql="2026-01-02 00:00:00", sal="2026-01-01", day=["sal"])
    table = velocity.between(here.open(), **ASKED)
    assert rows(table, "n", "n_impossible", "mean_days", "precision") == [(2, 1, 0.5, "day")]


def test_precision_is_mixed_where_only_some_are_known_to_the_second(house, rows) -> None:
    here = house()
    here.cycle("day", mql="2026-01-01", sal="2026-01-03", day=["mql", "sal"])
    here.cycle("second", mql="2026-01-01", sal="2026-01-01 12:00:00")
    table = velocity.between(here.open(), **ASKED)
    assert rows(table, "n", "mean_days", "precision") == [(2, 1.25, "mixed")]


def test_days_are_those_of_the_contracts_zone(house, rows) -> None:
    """22:30 UTC is half past midnight of the next day at UTC+2."""
    here = house(offset_hours=2)
    here.cycle("late", mql="2026-01-01 22:30:00", sal="2026-01-01 22:00:00", day=["sal"])
    assert rows(velocity.between(here.open(), **ASKED), "n", "mean_days") == [(1, 0.0)]


def test_the_interval_of_the_median_is_made_of_ranks(house, rows) -> None:
    """Campbell and Gardner 1988 at n = 100: ranks 40 and 61, so days 40 and 61 of 1..100; none at n = 5."""
    here = house("2026-12-01 00:00:00")
    for day in range(1, 101):
        here.cycle(f"c{day}", mql="2026-01-01 00:00:00", sal=f"2026-01-01 {day % 24:02}:00:00")
    here.con.execute(
        "update marts.stage_entry set entered_at = timestamp '2026-01-01' "
        "+ to_days(cast(cycle_id[2:] as integer)) where stage = 'sal'"
    )
    assert rows(velocity.between(here.open(), **ASKED), "median_days", "median_low", "median_high") == [
        (50.5, 40.0, 61.0)
    ]
    few = house()
    for i in range(5):
        few.cycle(f"c{i}", mql="2026-01-01", sal="2026-01-02")
    assert rows(velocity.between(few.open(), **ASKED), "median_low", "median_high") == [(None, None)]


def test_nobody_gives_null_days_and_zero_counts(house, rows) -> None:
    table = velocity.between(house().open(), **ASKED)
    assert rows(table, *KEPT, "median_days", "mean_days", "precision") == [
        (0, 0, 0, 0, 0, 0, None, None, None)
    ]


def test_steps_are_the_adjacent_pairs_in_funnel_order(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-01", sal="2026-01-02", sql="2026-01-04", won="2026-01-08")
    assert rows(velocity.steps(here.open()), "from_stage", "to_stage", "n", "median_days") == [
        ("mql", "sal", 1, 1.0),
        ("sal", "sql", 1, 2.0),
        ("sql", "won", 1, 4.0),
    ]


def test_impossible_entries_are_listed_with_what_they_came_before(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", won="2026-01-03", impossible=["won"])
    table = velocity.impossible(here.open())
    assert rows(table, "cycle_id", "stage", "entered_on", "before_stage", "days_early") == [
        ("a", "won", "2026-01-03", "mql", 2)
    ]


def test_days_to_close_are_of_won_and_lost_apart(house, rows) -> None:
    here = house()
    here.opportunity("2026-01-01", 100, "2026-01-11", "won")
    here.opportunity("2026-01-01", 100, "2026-01-05", "lost")
    here.opportunity("2026-01-01", 100, "2026-01-03", "lost")
    here.opportunity(None, 100, "2026-01-03", "lost")
    here.opportunity("2026-01-01", 100)
    table = velocity.to_close(here.open())
    assert rows(table, "outcome", "n", "median_days", "mean_days", "n_unknown") == [
        ("won", 1, 10.0, 10.0, 0),
        ("lost", 2, 3.0, 3.0, 1),
    ]


def test_without_opportunities_both_outcomes_are_still_there(house, rows) -> None:
    table = velocity.to_close(house().open())
    assert rows(table, "outcome", "n", "median_days", "n_unknown") == [
        ("won", 0, None, 0),
        ("lost", 0, None, 0),
    ]


def test_days_to_close_by_period_are_of_the_day_of_closing(house, rows) -> None:
    here = house()
    here.opportunity("2025-12-01", 100, "2025-12-31", "won")
    here.opportunity("2025-12-01", 100, "2026-01-01", "won")
    table = velocity.closing(here.open(), by="month")
    assert rows(table, "period_on", "n", "value") == [("2025-12-01", 1, 30.0), ("2026-01-01", 1, 31.0)]


def test_a_stage_that_is_not_later_is_refused(house) -> None:
    with pytest.raises(UsageError, match="'mql' does not come after 'mql'"):
        velocity.between(house().open(), from_stage="mql", to_stage="mql")
