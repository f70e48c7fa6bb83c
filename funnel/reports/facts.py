"""What an edition says of itself: company, week, instants, contract, checks, and what each source fills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number
from funnel.errors import ChecksFailed, UsageError
from funnel.metrics.health import health

CONTEXT = """
select
    c.as_of, c.known_at, c.zone, coalesce(c.company, '') as company, coalesce(c.currency, '') as currency,
    c.contract, c.build_id,
    coalesce((select z.offset_seconds from run.zone_offset z
        where c.as_of >= z.starts_at and c.as_of < z.ends_at), 0) as as_of_offset,
    coalesce((select z.offset_seconds from run.zone_offset z
        where c.known_at >= z.starts_at and c.known_at < z.ends_at), 0) as known_offset
from run.context c
"""
WEEK = """
select starts_on, ends_on
from run.period
where period = 'week' and is_complete
order by starts_on desc
limit 1
"""
SOURCES = "select distinct source from run.source_table order by source"
CHECKS = """
select check_name, title, layer, severity, state, n_rows, n_failing, owner, message
from checks.result
order by
    case severity when 'critical' then 1 when 'warning' then 2 else 3 end,
    case state when 'error' then 1 when 'fail' then 2 when 'pass' then 3 else 4 end,
    number
"""
BAD = ("fail", "error")
ATTACHED = "select count(*) from duckdb_databases() where database_name = 'checks'"


@dataclass(frozen=True)
class Facts:
    """The frame of an edition; instants in words are local to the contract's zone."""

    as_of: datetime
    known_at: datetime
    zone: str
    company: str
    currency: str
    contract: str
    build_id: str
    folder: str
    as_of_words: str
    known_at_words: str
    week_words: str
    sources: tuple[str, ...]
    checks: pd.DataFrame
    health: pd.DataFrame

    @property
    def health_words(self) -> str:
        """The state of the data in a word or two."""
        return str(self.health["words"].iloc[0])


def facts(con: DuckDBPyConnection, *, as_of: datetime) -> Facts:
    """Return what the warehouse says of itself and of its checks.

    UsageError if it was built for another as_of or was not checked; ChecksFailed if a critical check did not
    pass.
    """
    row = con.execute(CONTEXT).df().iloc[0]
    built, known = row["as_of"].to_pydatetime(), row["known_at"].to_pydatetime()
    local = built + timedelta(seconds=int(row["as_of_offset"]))
    if built != as_of:
        raise UsageError(
            f"The warehouse was built as of {built} UTC, not {as_of} UTC. Run `funnel build --as-of DATE` "
            "and `funnel check` for the date that you want, then report again."
        )
    checks = read_checks(con)
    return Facts(
        as_of=built,
        known_at=known,
        zone=str(row["zone"]),
        company=str(row["company"]) or "The company",
        currency=str(row["currency"]),
        contract=str(row["contract"]),
        build_id=str(row["build_id"]),
        folder=folder_name(local),
        as_of_words=instant_words(local),
        known_at_words=instant_words(known + timedelta(seconds=int(row["known_offset"]))),
        week_words=_week(con),
        sources=tuple(str(name) for name in con.execute(SOURCES).df()["source"]),
        checks=checks,
        health=health(con),
    )


def _week(con: DuckDBPyConnection) -> str:
    """Return the last complete week in words; none is complete where nothing is that old."""
    found = con.execute(WEEK).fetchall()
    return f"week of {number.span(*found[0])}" if found else "no complete week yet"


def read_checks(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return the results of the checks of this build, worst first; ChecksFailed if a critical one failed."""
    if not con.execute(ATTACHED).fetchall()[0][0]:
        raise UsageError(
            "The warehouse was not checked since it was built. Run `funnel check`, then report again."
        )
    checks = con.execute(CHECKS).df()
    bad = checks[(checks["severity"] == "critical") & checks["state"].isin(BAD)]
    if len(bad):
        named = "; ".join(f"{check.title} ({check.n_failing} rows)" for check in bad.itertuples())
        raise ChecksFailed(
            f"No edition is made: {len(bad)} critical check(s) not passed: {named}. `funnel check` shows "
            "them; the last edition stays in place."
        )
    return checks


def folder_name(local: datetime) -> str:
    """Return the name of the edition of a local instant: its day, with the time unless that is midnight."""
    whole_day = local.hour == local.minute == local.second == 0
    return f"{local:%Y-%m-%d}" if whole_day else f"{local:%Y-%m-%dT%H%M%S}"


def instant_words(local: datetime) -> str:
    """Return a local instant in words: its day, with the time unless that is midnight."""
    midnight = local.hour == local.minute == local.second == 0
    return number.day(local) if midnight else f"{number.day(local)}, {local:%H:%M}"
