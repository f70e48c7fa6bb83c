"""Working time from the table alone, against other people's reference values and a naive count."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.contract import Calendar, business_hours, zone_offsets

ORACLE = Path(__file__).parents[3] / "shared" / "oracles" / "business_hours.json"
CASES: list[dict[str, Any]] = json.loads(ORACLE.read_text(encoding="utf-8")) if ORACLE.exists() else []
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NINE_TO_FIVE = ((32_400, 61_200),)
OFFICE = (NINE_TO_FIVE,) * 5 + ((), ())

needs_oracle = pytest.mark.skipif(not CASES, reason="the reference values of shared/oracles are not here")


def at(text: str) -> pd.Timestamp:
    """Return a naive UTC instant."""
    return pd.Timestamp(text)


def worked(table: pd.DataFrame, instant: pd.Timestamp) -> float:
    """Return the working seconds from the start of the table to an instant, as the SQL of a model does."""
    row = table[(table.starts_at <= instant) & (instant < table.next_starts_at)]
    assert len(row) == 1, f"{instant} lies in {len(row)} rows"
    until = min(instant, row.ends_at.iloc[0])
    return float(row.seconds_before.iloc[0] + (until - row.starts_at.iloc[0]).total_seconds())


def between(table: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> float:
    return worked(table, last) - worked(table, first)


def added(table: pd.DataFrame, instant: pd.Timestamp, seconds: int) -> pd.Timestamp:
    """Return the first instant (the last, if seconds are negative) that is so many working seconds away."""
    aim = worked(table, instant) + seconds
    before = table.seconds_before
    row = table[before < aim] if seconds > 0 else table[before <= aim]
    return row.starts_at.iloc[-1] + pd.Timedelta(seconds=aim - row.seconds_before.iloc[-1])


def seconds(hours: str) -> int:
    return int(hours[:2]) * 3600 + int(hours[3:]) * 60


def pairs(listed: list[list[str]]) -> tuple[tuple[int, int], ...]:
    return tuple((seconds(start), seconds(end)) for start, end in listed)


def calendar_of(case: dict[str, Any]) -> Calendar:
    return Calendar(
        "default",
        case["time_zone"],
        tuple(pairs(case["working_hours"].get(day, [])) for day in DAYS),
        free_on=tuple(date.fromisoformat(on) for on in case["holidays"]),
        holiday_hours=tuple(
            (date.fromisoformat(on), pairs(hours)) for on, hours in case["holiday_hours"].items()
        ),
    )


def naive_utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text).tz_convert("UTC").tz_localize(None)


def table_around(case: dict[str, Any], *instants: pd.Timestamp) -> pd.DataFrame:
    first, last = min(instants).date(), max(instants).date()
    return business_hours(calendar_of(case), first - timedelta(days=15), last + timedelta(days=15))


@needs_oracle
def test_the_oracle_is_read_whole() -> None:
    """shared/oracles/business_hours.json: both its operations have a test below."""
    assert {case["op"] for case in CASES} == {"working_seconds_between", "add_working_seconds"}


@needs_oracle
@pytest.mark.parametrize(
    "case", [c for c in CASES if c["op"] == "working_seconds_between"], ids=lambda c: c["id"]
)
def test_working_seconds_between_equal_the_oracle(case: dict[str, Any]) -> None:
    """shared/oracles/business_hours.json, op working_seconds_between (working_hours, business_time; MIT)."""
    first, last = (naive_utc(text) for text in case["input"])
    assert int(between(table_around(case, first, last), first, last)) == case["expected"]


@needs_oracle
@pytest.mark.parametrize(
    "case", [c for c in CASES if c["op"] == "add_working_seconds"], ids=lambda c: c["id"]
)
def test_adding_working_seconds_equals_the_oracle(case: dict[str, Any]) -> None:
    """shared/oracles/business_hours.json, op add_working_seconds (working_hours, business_time; MIT)."""
    start, expected = naive_utc(case["input"][0]), naive_utc(case["expected"])
    assert added(table_around(case, start, expected), start, case["input"][1]) == expected


def test_rows_carry_the_seconds_before_them_and_when_the_next_begins() -> None:
    table = business_hours(Calendar("default", "UTC", OFFICE), date(2026, 7, 3), date(2026, 7, 6))
    assert table.to_dict("records") == [
        {
            "starts_at": at("2026-07-02 09:00"),
            "ends_at": at("2026-07-02 17:00"),
            "next_starts_at": at("2026-07-03 09:00"),
            "seconds_before": 0,
            "number": 1,
        },
        {
            "starts_at": at("2026-07-03 09:00"),
            "ends_at": at("2026-07-03 17:00"),
            "next_starts_at": at("2026-07-06 09:00"),
            "seconds_before": 28_800,
            "number": 2,
        },
        {
            "starts_at": at("2026-07-06 09:00"),
            "ends_at": at("2026-07-06 17:00"),
            "next_starts_at": at("2026-07-07 09:00"),
            "seconds_before": 57_600,
            "number": 3,
        },
    ]


def test_every_instant_of_the_range_has_one_row_even_over_a_long_gap() -> None:
    """Only Mondays, and the range is Tuesday to Sunday: the row of the Monday before covers it."""
    mondays = Calendar("default", "Europe/Berlin", (NINE_TO_FIVE,) + ((),) * 6)
    table = business_hours(mondays, date(2026, 7, 7), date(2026, 7, 12))
    assert list(table.starts_at) == [at("2026-07-06 07:00")]
    assert list(table.next_starts_at) == [at("2026-07-13 07:00")]
    assert worked(table, at("2026-07-06 22:00")) == 28_800
    assert worked(table, at("2026-07-12 21:59:59")) == 28_800


def test_the_stroke_of_opening_and_of_closing_counts_nothing() -> None:
    table = business_hours(Calendar("default", "UTC", OFFICE), date(2026, 7, 6), date(2026, 7, 7))
    monday, opening, closing = at("2026-07-06 08:59:59"), at("2026-07-06 09:00"), at("2026-07-06 17:00")
    assert between(table, monday, opening) == 0
    assert between(table, opening, opening + pd.Timedelta(seconds=1)) == 1
    assert between(table, opening, closing) == 28_800
    assert between(table, closing, at("2026-07-07 09:00")) == 0


def test_nine_in_berlin_is_seven_in_summer_and_eight_in_winter() -> None:
    berlin = Calendar("default", "Europe/Berlin", OFFICE)
    table = business_hours(berlin, date(2026, 10, 23), date(2026, 10, 26))
    assert list(table.starts_at)[-2:] == [at("2026-10-23 07:00"), at("2026-10-26 08:00")]


def test_an_hour_that_the_clocks_repeat_counts_once() -> None:
    """Europe/Berlin, 2026-10-25: 02:00-03:00 comes twice; 24 agreed hours stay 24, the first pass counts."""
    always = Calendar("default", "Europe/Berlin", (((0, 86_400),),) * 7)
    table = business_hours(always, date(2026, 10, 25), date(2026, 10, 25))
    assert between(table, at("2026-10-24 22:00"), at("2026-10-25 23:00") - pd.Timedelta(seconds=1)) == 86_399
    assert between(table, at("2026-10-25 00:00"), at("2026-10-25 01:00")) == 3_600
    assert between(table, at("2026-10-25 01:00"), at("2026-10-25 02:00")) == 0


def test_an_hour_that_the_clocks_skip_does_not_count() -> None:
    """Europe/Berlin, 2026-03-29: there is no 02:00-03:00, so hours from 01:00 to 04:00 are two."""
    early = Calendar("default", "Europe/Berlin", ((),) * 6 + (((3_600, 14_400),),))
    table = business_hours(early, date(2026, 3, 29), date(2026, 3, 29))
    assert worked(table, at("2026-03-29 12:00")) - worked(table, at("2026-03-28 23:30")) == 7_200


def test_holidays_come_from_the_country_and_its_part() -> None:
    """Epiphany (6 January) is free in Baden-Wuerttemberg, not in Berlin; New Year's Day in both."""
    starts = {
        part: set(
            business_hours(
                Calendar("default", "UTC", OFFICE, country=part), date(2026, 1, 1), date(2026, 1, 6)
            ).starts_at.dt.day
        )
        for part in ("DE-BE", "DE-BW")
    }
    assert starts == {"DE-BE": {31, 2, 5, 6}, "DE-BW": {31, 2, 5}}


def test_own_hours_of_a_date_win_over_weekday_and_holiday() -> None:
    own = ((date(2026, 1, 1), ((36_000, 43_200),)), (date(2026, 1, 2), ()))
    calendar = Calendar("default", "UTC", OFFICE, country="DE", holiday_hours=own)
    table = business_hours(calendar, date(2026, 1, 1), date(2026, 1, 5))
    assert list(table.starts_at)[1:] == [at("2026-01-01 10:00"), at("2026-01-05 09:00")]


def test_offsets_of_a_zone_are_half_open_spans() -> None:
    assert zone_offsets("Europe/Berlin", date(2026, 1, 1), date(2026, 12, 31)).to_dict("records") == [
        {
            "starts_at": at("2025-12-31 23:00"),
            "ends_at": at("2026-03-29 01:00"),
            "offset_seconds": 3_600,
        },
        {"starts_at": at("2026-03-29 01:00"), "ends_at": at("2026-10-25 01:00"), "offset_seconds": 7_200},
        {"starts_at": at("2026-10-25 01:00"), "ends_at": at("2026-12-31 23:00"), "offset_seconds": 3_600},
    ]


def test_a_zone_without_summer_time_is_one_span() -> None:
    assert zone_offsets("Asia/Tokyo", date(2026, 1, 1), date(2026, 1, 1)).to_dict("records") == [
        {"starts_at": at("2025-12-31 15:00"), "ends_at": at("2026-01-01 15:00"), "offset_seconds": 32_400}
    ]


def counted_by_minute(calendar: Calendar, first: datetime, minutes: int) -> int:
    """Count working minutes one by one on the wall clock; the second pass of a repeated hour is left out."""
    count = 0
    for minute in range(minutes):
        local = (first + timedelta(minutes=minute)).replace(tzinfo=UTC).astimezone(ZoneInfo(calendar.zone))
        second = local.hour * 3600 + local.minute * 60
        if local.fold == 0 and any(a <= second < b for a, b in calendar.hours[local.weekday()]):
            count += 1
    return count


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    hours=st.lists(st.integers(0, 48), min_size=2, max_size=4, unique=True).map(sorted),
    days=st.sets(st.integers(0, 6), min_size=1),
    around=st.sampled_from([datetime(2026, 3, 28), datetime(2026, 10, 3), datetime(2026, 10, 31)]),
    start=st.integers(0, 2_000),
    length=st.integers(0, 4_000),
)
def test_any_week_equals_a_count_minute_by_minute(
    zone: str, hours: list[int], days: set[int], around: datetime, start: int, length: int
) -> None:
    open_at = tuple((a * 1800, b * 1800) for a, b in zip(hours[::2], hours[1::2], strict=False))
    calendar = Calendar("default", zone, tuple(open_at if day in days else () for day in range(7)))
    first = around + timedelta(minutes=start)
    last = first + timedelta(minutes=length)
    table = business_hours(calendar, first.date() - timedelta(days=1), last.date() + timedelta(days=1))
    expected = counted_by_minute(calendar, first, length)
    assert between(table, pd.Timestamp(first), pd.Timestamp(last)) == expected * 60


def test_rows_join_without_gap_or_overlap_over_ten_years() -> None:
    calendar = Calendar("default", "America/New_York", OFFICE, country="US")
    table = business_hours(calendar, date(2016, 1, 1), date(2025, 12, 31))
    lengths = (table.ends_at - table.starts_at).dt.total_seconds().astype(np.int64)
    assert (table.starts_at < table.ends_at).all()
    assert (table.ends_at <= table.next_starts_at).all()
    assert list(table.next_starts_at[:-1]) == list(table.starts_at[1:])
    assert list(table.seconds_before) == [0, *lengths.cumsum()[:-1]]
    assert list(table.number) == list(range(1, len(table) + 1))
