"""Time in stage: those still in it are in, a median may be "not reached", observed entries only."""

from __future__ import annotations

import pytest

from funnel.errors import UsageError
from funnel.metrics import duration

JAN_1 = "2026-01-01 12:00:00"
KEPT_OUT = ["n_imputed", "n_impossible", "n_undated", "n_new"]


def stage(table, name):
    return table[table["stage"] == name]


def test_open_ones_count_as_long_as_they_were_watched(house, rows) -> None:
    """Four MQLs: left after 1, 2 and 3 days, one still there. R: S = .75, .5, .25; median 2.5, p25 1.5, p75 3."""
    here = house()
    for days in (2, 3, 4):
        here.cycle(str(days), mql=JAN_1, sal=f"2026-01-0{days} 12:00:00")
    here.cycle("open", mql=JAN_1)
    table = stage(duration.in_stage(here.open()), "mql")
    columns = ["median_days", "median_low", "p25", "p75", "is_reached", "n", "n_left", "n_open", "precision"]
    assert rows(table, *columns) == [(2.5, 1.0, 1.5, 3.0, True, 4, 3, 1, "second")]
    assert table["median_high"].isna().all()


def test_a_median_that_is_not_reached_is_null_and_no_mean_of_finishers_stands_for_it(house, rows) -> None:
    """One of three left, after a day; the other two are still there after 181 days."""
    here = house()
    here.cycle("left", mql=JAN_1, sal="2026-01-02 12:00:00")
    for name in "ab":
        here.cycle(name, mql=JAN_1)
    table = stage(duration.in_stage(here.open()), "mql")
    assert rows(
        table, "median_days", "p25", "p75", "is_reached", "n", "n_left", "n_open", "watched_days"
    ) == [(None, 1.0, None, False, 3, 1, 2, 180.5)]
    assert not [column for column in table if "mean" in column]


def test_a_stay_ends_with_the_next_observed_stage_or_the_exit(house, rows) -> None:
    """SAL was skipped by the second; the third was rejected out of SAL."""
    here = house()
    here.cycle("a", mql=JAN_1, sal="2026-01-02 12:00:00", sql="2026-01-05 12:00:00")
    here.cycle("b", mql=JAN_1, sql="2026-01-05 12:00:00")
    here.cycle("c", mql=JAN_1, sal="2026-01-02 12:00:00", exit=("rejected", "2026-01-10 12:00:00"))
    table = duration.in_stage(here.open())
    columns = ["stage", "p25", "p75", "n", "n_left", "n_open", *KEPT_OUT]
    assert rows(table, *columns) == [
        ("mql", 1.0, 4.0, 3, 3, 0, 0, 0, 0, 0),
        ("sal", 3.0, 8.0, 2, 2, 0, 1, 0, 0, 0),
        ("sql", None, None, 2, 0, 2, 0, 0, 0, 0),
    ]


def test_the_earliest_later_stage_ends_a_stay_even_out_of_order(house, rows) -> None:
    here = house()
    here.cycle("a", mql=JAN_1, sal="2026-01-09 12:00:00", sql="2026-01-03 12:00:00")
    assert rows(stage(duration.in_stage(here.open()), "mql"), "median_days") == [(2.0,)]


def test_won_ends_the_stage_before_it_and_the_last_stage_has_no_row(house, rows) -> None:
    here = house()
    here.cycle("a", mql=JAN_1, sql=JAN_1, won="2026-01-05 12:00:00")
    table = duration.in_stage(here.open())
    assert rows(table, "position", "stage", "title") == [
        (1, "mql", "MQL"),
        (2, "sal", "SAL"),
        (3, "sql", "SQL"),
    ]
    assert rows(stage(table, "sql"), "median_days", "n_left") == [(4.0, 1)]


def test_what_has_no_time_is_kept_out_and_counted_by_why(house, rows) -> None:
    here = house()
    here.cycle("used", mql=JAN_1)
    here.cycle("imputed", sal="2026-01-02")
    here.cycle("no entry time", mql=None)
    here.cycle("no exit time", mql=JAN_1, exit=("lost", None))
    here.cycle("no time of the next", mql=JAN_1, sal=None)
    here.cycle("flagged", mql=JAN_1, sal="2026-01-02", impossible=["mql"])
    here.cycle("exit before", mql=JAN_1, exit=("lost", "2026-01-01 11:59:59"))
    here.cycle("of today", mql="2026-07-01", day=["mql"])
    table = duration.in_stage(here.open())
    assert rows(stage(table, "mql"), "n", *KEPT_OUT) == [(1, 1, 2, 3, 1)]
    assert table["rule"][0].endswith(
        "Left out: 1 with an entry known only from a later stage, 4 without a known time, 2 in an impossible "
        "order, 1 of a last day that is not over."
    )


def test_a_stay_of_nothing_is_a_stay(house, rows) -> None:
    here = house()
    here.cycle("a", mql=JAN_1, sal=JAN_1)
    assert rows(stage(duration.in_stage(here.open()), "mql"), "median_days", "n_left") == [(0.0, 1)]


def test_whole_days_count_where_one_end_is_known_to_the_day(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-01 23:00:00", sal="2026-01-02", day=["sal"])
    here.cycle("b", mql="2026-01-01 23:00:00", sal="2026-01-02 05:00:00")
    table = stage(duration.in_stage(here.open()), "mql")
    assert rows(table, "p25", "p75", "precision") == [(0.25, 1.0, "mixed")]


def test_a_stay_that_ends_on_the_last_day_that_is_over_has_ended(house, rows) -> None:
    """As of noon of the 21st: left on the 20th is seen, left on the 21st is not yet."""
    for left, n_left in (("2026-01-20", 1), ("2026-01-21", 0)):
        here = house("2026-01-21 12:00:00")
        here.cycle("a", mql="2026-01-01", sal=left, day=["mql", "sal"])
        assert rows(stage(duration.in_stage(here.open()), "mql"), "n", "n_left", "watched_days") == [
            (1, n_left, 19)
        ]


def test_the_last_stage_is_not_spoken_of(house) -> None:
    here = house()
    here.cycle("a", mql=JAN_1, sal=JAN_1, sql=JAN_1, won=None)
    assert "1 without a known time" in duration.in_stage(here.open())["rule"][0]


def test_a_stay_that_ends_with_an_impossible_entry_is_impossible_unless_another_ends_it(house, rows) -> None:
    here = house()
    here.cycle("a", mql=JAN_1, sal="2026-01-03 12:00:00", impossible=["sal"])
    here.cycle("b", mql=JAN_1, sal="2026-01-03 12:00:00", sql="2026-01-05 12:00:00", impossible=["sal"])
    table = stage(duration.in_stage(here.open()), "mql")
    assert rows(table, "n", "median_days", "n_impossible", "n_undated") == [(1, 4.0, 1, 0)]


def test_segments_stand_largest_first_within_a_stage(house, rows) -> None:
    here = house()
    for name, channel in (("a", None), ("b", "Web"), ("c", "Web")):
        here.cycle(name, mql=JAN_1, channel=channel)
    table = duration.in_stage(here.open(), by="channel")
    assert rows(stage(table, "mql"), "value", "n") == [("Web", 2), (None, 1)]
    assert rows(stage(table, "sal"), "value", "n") == [(None, 0)]


def test_a_stage_that_nobody_entered_is_undefined(house, rows) -> None:
    table = duration.in_stage(house().open())
    columns = ["stage", "median_days", "is_reached", "n", "n_open", "watched_days", "precision"]
    assert rows(table, *columns)[0] == ("mql", None, False, 0, 0, None, None)


def test_an_unknown_dimension_is_refused(house) -> None:
    with pytest.raises(UsageError, match="no dimension 'chanel'"):
        duration.in_stage(house().open(), by="chanel")


@pytest.mark.parametrize(("n_open", "median"), [(4, 20.0), (3, None)])
def test_a_median_among_fewer_than_ten_at_risk_is_not_reached(house, n_open, median) -> None:
    """Six leave on the 20th day; with four open ones just ten are at risk then, with three only nine."""
    here = house()
    for number in range(4):
        here.cycle(f"soon {number}", mql=JAN_1, sal="2026-01-02 12:00:00")
    for number in range(6):
        here.cycle(f"late {number}", mql=JAN_1, sal="2026-01-21 12:00:00")
    for number in range(n_open):
        here.cycle(f"open {number}", mql=JAN_1)
    table = stage(duration.in_stage(here.open()), "mql")
    assert [None if value != value else value for value in table["median_days"]] == [median]
    assert list(table["is_reached"]) == [median is not None]
