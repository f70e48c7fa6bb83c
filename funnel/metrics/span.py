"""Which entries are old enough to be judged: the latest mature three months, and the months before them."""

from __future__ import annotations

from datetime import date

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.metrics import term

Day = date | str | None
NEVER = "1900-01-01"

LATEST = """
select cast(p.ends_on - interval 3 month as date) as start_on, p.ends_on
from run.period p
join marts.stage_entry e on e.month_on = p.starts_on
where p.period = 'month' and p.is_complete and e.stage = $stage and e.entered_at is not null
group by p.ends_on
having max(e.entered_at + to_days(case when e.entered_precision = 'day' then 1 else 0 end))
    + to_seconds($seconds) <= $until
order by p.ends_on desc
limit 1
"""

WHOLE = """
select min(entered_on) as start_on, max(entered_on) + 1 as end_on
from marts.stage_entry
where stage = $stage and entered_at is not null
"""


def latest(con: DuckDBPyConnection, stage: str, seconds: int) -> tuple[Day, Day]:
    """Return the three months that end with the latest mature month, as [start, end); else all entries."""
    start_on, end_on = mature(con, stage, seconds)
    if start_on == NEVER:
        start_on, end_on = con.execute(WHOLE, {"stage": stage}).fetchall()[0]
    return start_on, end_on


def asked(con: DuckDBPyConnection, stage: str, seconds: int, start_on: Day, end_on: Day) -> tuple[Day, Day]:
    """Return the days that were asked for; with neither the latest mature three months (see `latest`)."""
    return latest(con, stage, seconds) if start_on is None and end_on is None else (start_on, end_on)


def mature(con: DuckDBPyConnection, stage: str, seconds: int) -> tuple[Day, Day]:
    """Return the latest mature three months as [start, end); before all time where no month is mature."""
    until = term.context(con).seen_until
    found = con.execute(LATEST, {"stage": stage, "seconds": seconds, "until": until}).fetchall()
    return found[0] if found else (NEVER, NEVER)


def before(start_on: Day) -> tuple[str, str] | tuple[None, None]:
    """Return the three months before a day, as [start, end) in ISO dates."""
    day = parsed(start_on)
    if day is None:
        return None, None
    return (day - pd.DateOffset(months=3)).date().isoformat(), day.date().isoformat()


def parsed(value: Day) -> pd.Timestamp | None:
    """Return a day as a timestamp at its midnight; null stays null."""
    return None if value is None else pd.Timestamp(value).normalize()


def words(start_on: Day, end_on: Day) -> str:
    """Return a span as "during 1 April - 30 June 2026", or what it leaves open."""
    start, end = parsed(start_on), parsed(end_on)
    if start is not None and end is not None:
        return f"during {number.span(start, end)}"
    if start is not None:
        return f"from {number.day(start)} on"
    return f"before {number.day(end)}" if end is not None else "at any time"
