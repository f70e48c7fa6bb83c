"""The demo's time: fixed dates, two time zones, and the hours in which people work.

Every instant is a whole number of seconds since 1970 in UTC; NEVER stands for an instant that did not happen.
Region codes: 0 is EMEA (Europe/Berlin), 1 is Americas (America/New_York).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = -1
HOUR = 3600
DAY = 24 * HOUR
REGIONS = ("EMEA", "Americas")
ZONES = ("Europe/Berlin", "America/New_York")
LOADS = ("2026-10-05", "2026-11-02", "2026-11-16")
OPENS, CLOSES = 9 * HOUR, 17 * HOUR + HOUR // 2
_WORKDAY = CLOSES - OPENS
_GRID_FROM, _GRID_HOURS = 1704067200, 24 * 365 * 4  # 2024 to 2027


def instant(day: str) -> int:
    """Return the start of an ISO day in Europe/Berlin as UTC seconds."""
    return int(datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(ZONES[0])).timestamp())


START = instant("2024-11-18")
CHANGE = instant("2025-11-17")
AS_OF = instant(LOADS[-1])


@cache
def _offsets(region: int) -> Ints:
    """Seconds to add to UTC, for every hour of the grid; zones change on the full hour."""
    zone = ZoneInfo(ZONES[region])
    hours = range(_GRID_FROM, _GRID_FROM + _GRID_HOURS * HOUR, 12 * HOUR)
    ends = [_offset(zone, second) for second in hours]
    found = [
        _half_day(zone, start, end, after) for start, end, after in zip(hours, ends, ends[1:], strict=False)
    ]
    return np.concatenate(found)


def _offset(zone: ZoneInfo, second: int) -> int:
    shift = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return int(shift.total_seconds()) if shift else 0


def _half_day(zone: ZoneInfo, start: int, before: int, after: int) -> Ints:
    if before == after:
        return np.full(12, before, dtype=np.int64)
    return np.array([_offset(zone, start + hour * HOUR) for hour in range(12)], dtype=np.int64)


@cache
def _calendar(region: int) -> np.busdaycalendar:
    days = holidays.country_holidays(("DE", "US")[region], years=range(2024, 2028))
    return np.busdaycalendar(holidays=sorted(np.datetime64(day) for day in days))


def _each_region(rule: Callable[[Ints, int], Ints], values: Ints, region: Ints) -> Ints:
    result = np.empty(len(values), dtype=np.int64)
    for code in range(len(REGIONS)):
        here = region == code
        result[here] = rule(values[here], code)
    return result


def _shift(seconds: Ints, region: int) -> Ints:
    table = _offsets(region)
    return table[np.clip((seconds - _GRID_FROM) // HOUR, 0, len(table) - 1)]


def to_local(utc: Ints, region: Ints) -> Ints:
    """Return wall-clock seconds of each region's zone."""
    return _each_region(lambda part, code: part + _shift(part, code), utc, region)


def to_utc(local: Ints, region: Ints) -> Ints:
    """Return UTC seconds of wall-clock seconds; an hour that is skipped or repeated resolves to one."""
    return _each_region(lambda part, code: part - _shift(part - _shift(part, code), code), local, region)


def _worked(utc: Ints, region: int) -> Ints:
    local = utc + _shift(utc, region)
    day = (local // DAY).astype("datetime64[D]")
    full = np.busday_count("1970-01-01", day, busdaycal=_calendar(region)).astype(np.int64)
    today = np.clip(local % DAY - OPENS, 0, _WORKDAY)
    return np.asarray(full * _WORKDAY + today * np.is_busday(day, busdaycal=_calendar(region)))


def _unworked(total: Ints, region: int) -> Ints:
    day = np.busday_offset("1970-01-01", total // _WORKDAY, roll="forward", busdaycal=_calendar(region))
    local = day.astype(np.int64) * DAY + OPENS + total % _WORKDAY
    return local - _shift(local - _shift(local, region), region)


def after_working_hours(utc: Ints, region: Ints, hours: Floats) -> Ints:
    """Return when so many working hours (9:00 to 17:30, no weekends, no holidays) have passed."""
    seconds = np.round(hours * HOUR).astype(np.int64)
    return _each_region(_unworked, _each_region(_worked, utc, region) + seconds, region)


def local_hour(utc: Ints, region: Ints) -> Floats:
    """Return the hour of the day (0 to 24) on the region's clock."""
    return to_local(utc, region) % DAY / HOUR


def weekday(utc: Ints, region: Ints) -> Ints:
    """Return 0 for Monday to 6 for Sunday on the region's calendar."""
    return (to_local(utc, region) // DAY + 3) % 7


def is_off_hours(utc: Ints, region: Ints) -> Flags:
    """Return whether an instant falls on a weekend, before 9:00 or after 17:30."""
    hour = local_hour(utc, region)
    return (weekday(utc, region) >= 5) | (hour < OPENS / HOUR) | (hour >= CLOSES / HOUR)
