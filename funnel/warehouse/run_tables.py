"""The tables of schema `run` that say what a build was asked for, and its calendar."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd


def local_midnight(day: date, zone: str) -> datetime:
    """Return the UTC instant, naive, at which `day` begins in `zone`."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def days(first_on: date, last_on: date) -> pd.DataFrame:
    """Return one row per UTC day: day_on, starts_at, ends_at (exclusive)."""
    every = [first_on + timedelta(days=i) for i in range((last_on - first_on).days + 1)]
    rows = [(d, local_midnight(d, "UTC"), local_midnight(d + timedelta(days=1), "UTC")) for d in every]
    return pd.DataFrame(rows, columns=["day_on", "starts_at", "ends_at"], dtype=object)


def zone_days(offsets: pd.DataFrame) -> pd.DataFrame:
    """Return one row per UTC day and span of one offset within it, so that local days are found by equality.

    `offsets`: contract.zone_offsets. Columns: day_on, starts_at, ends_at (exclusive; UTC), offset_seconds.
    """
    first, last = offsets["starts_at"].iloc[0], offsets["ends_at"].iloc[-1]
    midnights = pd.date_range(first.ceil("D"), last, freq="D", inclusive="left").as_unit("us")
    begins = pd.DatetimeIndex(offsets["starts_at"]).as_unit("us").union(midnights)
    span = np.searchsorted(offsets["starts_at"].to_numpy(), begins.to_numpy(), side="right") - 1
    return pd.DataFrame(
        {
            "day_on": begins.normalize().date,
            "starts_at": begins,
            "ends_at": begins[1:].append(pd.DatetimeIndex([last])),
            "offset_seconds": offsets["offset_seconds"].to_numpy()[span],
        }
    )


def _starts(first_on: date, last_on: date, period: str) -> list[date]:
    if period == "week":
        monday = first_on - timedelta(days=first_on.weekday())
        return [monday + timedelta(weeks=i) for i in range((last_on - monday).days // 7 + 2)]
    step = 1 if period == "month" else 3
    month = first_on.year * 12 + (first_on.month - 1) // step * step
    n = (last_on.year * 12 + last_on.month - 1 - month) // step + 2
    return [date((month + i * step) // 12, (month + i * step) % 12 + 1, 1) for i in range(n)]


def periods(zone: str, first_on: date, last_on: date, as_of: datetime) -> pd.DataFrame:
    """Return one row per ISO week, month and quarter of `zone`.

    Columns: period, starts_on, ends_on (exclusive), starts_at, ends_at (UTC), hours, is_complete (by as_of).
    """
    rows = []
    for period in ("week", "month", "quarter"):
        starts = _starts(first_on, last_on, period)
        for begin, end in itertools.pairwise(starts):
            a, b = local_midnight(begin, zone), local_midnight(end, zone)
            rows.append((period, begin, end, a, b, (b - a).total_seconds() / 3600, b <= as_of))
    columns = ["period", "starts_on", "ends_on", "starts_at", "ends_at", "hours", "is_complete"]
    return pd.DataFrame(rows, columns=columns, dtype=object)
