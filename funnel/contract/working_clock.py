"""A calendar as a clock: working seconds between instants, and the instant so many seconds away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

from funnel.contract.model import Calendar
from funnel.contract.working_time import business_hours
from funnel.errors import UsageError

MARGIN = timedelta(days=2)
FIRST_REACH, LAST_REACH = timedelta(days=60), timedelta(days=365 * 60)


def working_seconds(calendar: Calendar, first: datetime, last: datetime) -> int:
    """Return the working seconds from `first` to `last`, negative if `last` lies before, in whole seconds.

    Instants with a zone are taken as they are, naive ones as UTC. The opening instant of an interval belongs
    to it, the closing one does not; fractions of a second are cut off.
    """
    first, last = _utc(first), _utc(last)
    table = business_hours(calendar, (min(first, last) - MARGIN).date(), (max(first, last) + MARGIN).date())
    return _worked(table, last) - _worked(table, first)


def add_working_seconds(calendar: Calendar, start: datetime, seconds: int) -> datetime:
    """Return the instant (naive UTC) at which `seconds` of working time after `start` have just passed.

    Negative seconds go back: then it is the latest such instant, as forward it is the earliest; 0 leaves
    `start` where it is. UsageError if the calendar does not hold so much working time within 60 years.
    """
    start, reach = _utc(start), FIRST_REACH
    while seconds and reach <= LAST_REACH:
        table = business_hours(calendar, (start - reach).date(), (start + reach).date())
        found = _added(table, start, seconds)
        if found is not None:
            return found
        reach *= 4
    if seconds:
        raise UsageError(
            f"Calendar {calendar.name} does not hold {abs(seconds):,} working seconds within "
            f"{LAST_REACH.days // 365} years of {start:%Y-%m-%d}. Check its hours."
        )
    return start


def _added(table: pd.DataFrame, start: datetime, seconds: int) -> datetime | None:
    """Look up an instant by its working seconds; None if it lies outside the table."""
    aim = _worked(table, start) + seconds
    ends = table["seconds_before"] + (table["ends_at"] - table["starts_at"]).dt.total_seconds().astype(
        "int64"
    )
    inside = (table["seconds_before"] < aim) & (aim <= ends)
    if seconds < 0:
        inside = (table["seconds_before"] <= aim) & (aim < ends)
    if not inside.any():
        return None
    row = table[inside].iloc[0]
    found: datetime = (row["starts_at"] + pd.Timedelta(seconds=aim - row["seconds_before"])).to_pydatetime()
    return found


def _worked(table: pd.DataFrame, instant: datetime) -> int:
    at = pd.Timestamp(instant).floor("s")
    place = int(table["starts_at"].searchsorted(at, side="right")) - 1
    if place < 0:
        return 0
    row = table.iloc[place]
    passed = (min(at, row["ends_at"]) - row["starts_at"]).total_seconds()
    return int(row["seconds_before"]) + int(passed)


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)
