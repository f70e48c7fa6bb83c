"""When attempts may start, and how far their windows are seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import term
from funnel.metrics.journey.walk import MICROSECOND, Period, piece

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001


def period(
    con: DuckDBPyConnection, *, start_on: date | str | None, end_on: date | str | None, mature_only: bool
) -> Period:
    """Return the period [start_on, end_on) of local days, and the end of what the warehouse has seen."""
    given = {"seen_until": term.context(con).seen_until, "silent_days": term.SILENT_DAYS}
    until_at, until_on = con.execute(piece("seen"), given).fetchall()[0]
    zone = ZoneInfo(con.execute("select zone from run.context").fetchall()[0][0])
    start, end = _midnight(start_on), _midnight(end_on)
    return Period(
        from_t=_utc(start, zone),
        to_t=_utc(end, zone),
        from_day=_microseconds(start),
        to_day=_microseconds(end),
        until_t=_microseconds(until_at),
        until_day=_microseconds(datetime.combine(until_on, time())),
        mature_only=mature_only,
    )


def _midnight(day: date | str | None) -> datetime | None:
    return None if day is None else datetime.combine(pd.Timestamp(day).date(), time())


def _utc(local: datetime | None, zone: ZoneInfo) -> int | None:
    if local is None:
        return None
    return _microseconds(local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None))


def _microseconds(at: datetime | None) -> int | None:
    if at is None:
        return None
    span = at - EPOCH
    return (span.days * 86_400 + span.seconds) * MICROSECOND + span.microseconds
