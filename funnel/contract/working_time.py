"""Working time as a table of intervals with cumulative seconds, so that SQL needs no date arithmetic.

Working seconds between two instants are W(b) - W(a), where W(t), for the row with
starts_at <= t < next_starts_at, is seconds_before + least(t, ends_at) - starts_at.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel.contract.model import Calendar

DAY = 86_400
MARGIN_DAYS = 400
"""Days looked at beyond both ends, to find the working interval before the first and after the last."""

Seconds = NDArray[np.int64]


def business_hours(calendar: Calendar, first_on: date, last_on: date) -> pd.DataFrame:
    """One row per working interval, in order; UTC.

    Columns: starts_at, ends_at, next_starts_at, seconds_before (working seconds since the first row), number.
    Every instant of first_on..last_on (days of the calendar's zone) lies in [starts_at, next_starts_at) of
    one row: the first row may therefore lie before first_on. An hour that the clocks repeat counts once, one
    that they skip not at all.
    """
    early, late = first_on - timedelta(days=MARGIN_DAYS), last_on + timedelta(days=MARGIN_DAYS)
    starts, ends = _utc(*_local_intervals(calendar, early, late), calendar.zone, early, late)
    following = np.append(starts[1:], starts[-1:] + MARGIN_DAYS * DAY)
    zone = ZoneInfo(calendar.zone)
    keep = (following > _midnight(first_on, zone)) & (starts < _midnight(last_on + timedelta(days=1), zone))
    starts, ends, following = starts[keep], ends[keep], following[keep]
    lengths = ends - starts
    return pd.DataFrame(
        {
            "starts_at": _instants(starts),
            "ends_at": _instants(ends),
            "next_starts_at": _instants(following),
            "seconds_before": np.cumsum(lengths) - lengths,
            "number": np.arange(1, len(starts) + 1),
        }
    )


def zone_offsets(zone: str, first_on: date, last_on: date) -> pd.DataFrame:
    """One row per span of constant offset of a zone, in order, covering first_on..last_on.

    Columns: starts_at, ends_at (exclusive; UTC), offset_seconds; local time = UTC + offset_seconds.
    """
    segments = _segments(zone, first_on, last_on)
    return pd.DataFrame(
        {
            "starts_at": _instants(np.array([start for start, _, _ in segments], dtype=np.int64)),
            "ends_at": _instants(np.array([end for _, end, _ in segments], dtype=np.int64)),
            "offset_seconds": np.array([offset for _, _, offset in segments], dtype=np.int64),
        }
    )


def _local_intervals(calendar: Calendar, early: date, late: date) -> tuple[Seconds, Seconds]:
    """Return starts and ends as seconds of wall time since 1970-01-01, in order."""
    days = np.arange(_day_number(early), _day_number(late) + 1, dtype=np.int64)
    own = {_day_number(on): intervals for on, intervals in calendar.holiday_hours}
    ordinary = days[~np.isin(days, [*_free_days(calendar, early, late), *own])]
    weekday = (ordinary + 3) % 7
    pieces = [
        ordinary[weekday == number] * DAY + np.array([[start], [end]])
        for number, intervals in enumerate(calendar.hours)
        for start, end in intervals
    ]
    pieces += [
        np.array([[on * DAY + start], [on * DAY + end]]) for on, ivs in own.items() for start, end in ivs
    ]
    both = np.concatenate(pieces, axis=1)
    starts, ends = both[:, np.argsort(both[0], kind="stable")]
    return starts, ends


def _free_days(calendar: Calendar, early: date, late: date) -> list[int]:
    free: list[Any] = list(calendar.free_on)
    if calendar.country:
        country, _, part = calendar.country.partition("-")
        named = holidays.country_holidays(
            country, subdiv=part or None, years=range(early.year, late.year + 1)
        )
        free += list(named)
    return [_day_number(on) for on in free]


def _day_number(on: date) -> int:
    return (on - date(1970, 1, 1)).days


def _utc(starts: Seconds, ends: Seconds, zone: str, early: date, late: date) -> tuple[Seconds, Seconds]:
    """Cut wall-time intervals at changes of offset; of a repeated hour the first pass counts."""
    found = []
    told = np.iinfo(np.int64).min
    for start, end, offset in _segments(zone, early, late):
        low, high = max(start + offset, told), end + offset
        cut_start, cut_end = np.maximum(starts, low), np.minimum(ends, high)
        some = cut_start < cut_end
        found.append(np.array([cut_start[some] - offset, cut_end[some] - offset]))
        told = max(told, high)
    both = np.concatenate(found, axis=1)
    return both[0], both[1]


@cache
def _segments(zone: str, first_on: date, last_on: date) -> list[tuple[int, int, int]]:
    """Return (start, end, offset) in UTC seconds, for each span in which the zone keeps its offset."""
    info = ZoneInfo(zone)
    first, last = _midnight(first_on, info), _midnight(last_on + timedelta(days=1), info)
    probes = [*range(first, last, DAY), last]
    offsets = [_offset(info, probe) for probe in probes]
    changes = [
        (_change(info, probes[i], probes[i + 1]), offsets[i + 1])
        for i in range(len(probes) - 1)
        if offsets[i] != offsets[i + 1]
    ]
    begins = [(first, offsets[0]), *changes]
    ends = [*(start for start, _ in changes), last]
    return [(start, end, offset) for (start, offset), end in zip(begins, ends, strict=True) if start < end]


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """Return the first second in (low, high] whose offset differs from that of low."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _midnight(on: date, zone: ZoneInfo) -> int:
    return int(datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC).timestamp())


def _instants(seconds: Seconds) -> pd.Series[Any]:
    return pd.Series(seconds.astype("datetime64[s]").astype("datetime64[us]"))
