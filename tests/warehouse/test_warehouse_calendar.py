"""Periods are of the contract's zone: a week may have 167 or 169 hours, and is complete when as_of has passed its end."""

from __future__ import annotations

from datetime import date, datetime

from funnel.contract import zone_offsets
from funnel.warehouse.run_tables import days, local_midnight, periods, zone_days


def weeks(zone, first, last, as_of):
    frame = periods(zone, first, last, as_of)
    return frame[frame.period == "week"].drop(columns="period").values.tolist()


def test_the_weeks_of_the_clock_changes_have_167_and_169_hours():
    hours = {
        row[0]: row[4]
        for row in weeks("Europe/Berlin", date(2026, 3, 20), date(2026, 10, 30), datetime(2026, 11, 1))
    }
    assert (hours[date(2026, 3, 23)], hours[date(2026, 3, 30)], hours[date(2026, 10, 19)]) == (167, 168, 169)


def test_a_week_begins_on_monday_at_local_midnight_and_is_complete_on_the_stroke():
    first, last = date(2026, 11, 10), date(2026, 11, 15)
    end = datetime(2026, 11, 15, 23)
    row = [date(2026, 11, 9), date(2026, 11, 16), datetime(2026, 11, 8, 23), end, 168.0]
    assert weeks("Europe/Berlin", first, last, end)[0] == [*row, True]
    assert weeks("Europe/Berlin", first, last, datetime(2026, 11, 15, 22, 59, 59))[0] == [*row, False]


def test_months_and_quarters_cover_the_span():
    frame = periods("UTC", date(2025, 11, 30), date(2026, 1, 1), datetime(2026, 1, 1))
    starts = frame.groupby("period").starts_on.agg(list).to_dict()
    assert starts["month"] == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
    assert starts["quarter"] == [date(2025, 10, 1), date(2026, 1, 1)]


def test_midnight_is_the_zones_own():
    assert local_midnight(date(2026, 7, 1), "America/New_York") == datetime(2026, 7, 1, 4)
    assert local_midnight(date(2026, 1, 1), "Asia/Kolkata") == datetime(2025, 12, 31, 18, 30)


def test_days_are_utc_days_end_exclusive():
    assert days(date(2026, 2, 28), date(2026, 3, 1)).values.tolist() == [
        [date(2026, 2, 28), datetime(2026, 2, 28), datetime(2026, 3, 1)],
        [date(2026, 3, 1), datetime(2026, 3, 1), datetime(2026, 3, 2)],
    ]


def test_a_day_of_a_clock_change_has_a_row_for_each_offset_and_every_other_day_one():
    frame = zone_days(zone_offsets("Europe/Berlin", date(2026, 1, 1), date(2026, 12, 31)))
    rows = frame[frame.day_on == date(2026, 3, 29)].drop(columns="day_on").values.tolist()
    begin, change, end = datetime(2026, 3, 29), datetime(2026, 3, 29, 1), datetime(2026, 3, 30)
    assert rows == [[begin, change, 3600], [change, end, 7200]]
    assert set(frame.day_on.value_counts()[lambda n: n > 1].index) == {date(2026, 3, 29), date(2026, 10, 25)}


def test_the_days_of_a_zone_join_without_gap_and_end_with_its_table():
    for zone in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"):
        offsets = zone_offsets(zone, date(1970, 1, 1), date(2027, 1, 1))
        frame = zone_days(offsets)
        assert frame.starts_at.iloc[0] == offsets.starts_at.iloc[0], zone
        assert frame.ends_at.iloc[-1] == offsets.ends_at.iloc[-1], zone
        assert (frame.starts_at.iloc[1:].array == frame.ends_at.iloc[:-1].array).all(), zone
        assert (frame.starts_at.dt.date == frame.day_on).all(), zone
