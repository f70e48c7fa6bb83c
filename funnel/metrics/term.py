"""The words that a metric may be asked with: stages of the contract, dimensions, periods, lengths of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from duckdb import DuckDBPyConnection

from funnel.errors import InputError, UsageError, did_you_mean

DAY_SECONDS = 86_400
DIMENSIONS = (
    "channel",
    "campaign",
    "content",
    "region",
    "country",
    "industry",
    "company_size",
    "persona",
    "lead_type",
)
PERIODS = ("week", "month", "quarter")

SILENT_DAYS = 14

CONTEXT = """
with record as (
    select
        max(entered_at + to_days(case when entered_precision = 'day' then 1 else 0 end)) as last_at,
        max(entered_on) as last_on
    from marts.stage_entry
    union all
    select max(exit_at + to_days(case when exit_precision = 'day' then 1 else 0 end)), max(exit_on)
    from marts.cycle
),
seen as (
    select least(max(r.last_at), c.as_of) as last_at, max(r.last_on) as last_on, c.as_of
    from record r
    cross join run.context c
    group by c.as_of
),
known as (
    select *, case when last_at + to_days($silent_days) < as_of then last_at else as_of end as until_at
    from seen
)
select
    c.as_of,
    cast(c.as_of + to_seconds(coalesce(z.offset_seconds, 0)) as date) as today,
    c.contract,
    c.currency,
    v.horizon_seconds,
    v.landmark_seconds,
    k.last_on,
    k.until_at as seen_until,
    cast(k.until_at + to_seconds(coalesce(u.offset_seconds, 0)) as date) as seen_on
from run.context c
join contract.version v on v.version = c.contract
cross join known k
left join run.zone_offset z on c.as_of >= z.starts_at and c.as_of < z.ends_at
left join run.zone_offset u on k.until_at >= u.starts_at and k.until_at < u.ends_at
"""

TERMS = """
select t.name, t.value
from contract.term t
join run.context c on c.contract = t.version
"""

STAGES = """
select s.stage, coalesce(s.title, s.stage), s.position, s.owner, s.hands_to
from contract.stage s
join run.context c on c.contract = s.version
order by s.position
"""


@dataclass(frozen=True)
class Context:
    """What a warehouse knows of itself: instant, local day, contract in force, currency, agreed lengths.

    `last_on` is the day of the last stage entry or exit (null: none); `seen_until` is as_of, or the last
    record if nothing at all was recorded in the 14 days before as_of; `today` and `seen_on` are their local
    days.
    """

    as_of: datetime
    today: date
    contract: str
    currency: str
    horizon_seconds: int
    landmark_seconds: int
    last_on: date | None
    seen_until: datetime
    seen_on: date

    @property
    def horizon_days(self) -> float:
        """The contract's horizon in days."""
        return self.horizon_seconds / DAY_SECONDS

    @property
    def landmark_days(self) -> float:
        """The contract's landmark in days."""
        return self.landmark_seconds / DAY_SECONDS


@dataclass(frozen=True)
class Stage:
    """A stage of the contract in force: its place in funnel order, its owner, and whom it hands leads to."""

    name: str
    title: str
    position: int
    owner: str | None
    hands_to: str | None


def context(con: DuckDBPyConnection) -> Context:
    """Return the context of a warehouse; InputError if it holds none."""
    found = con.execute(CONTEXT, {"silent_days": SILENT_DAYS}).fetchall()
    if not found:
        raise InputError(
            "The warehouse does not say as of when it was built (run.context is empty or names a contract "
            "that it does not hold). Run `funnel build` again."
        )
    return Context(*found[0])


def agreed(con: DuckDBPyConnection) -> dict[str, float]:
    """Return the constants that the contract in force names (contract.term): name to value.

    Shares are 0-1, lengths in seconds. What the contract does not name is not there.
    """
    return {str(name): float(value) for name, value in con.execute(TERMS).fetchall()}


def stages(con: DuckDBPyConnection) -> tuple[Stage, ...]:
    """Return the stages of the contract in force, in funnel order."""
    return tuple(Stage(*row) for row in con.execute(STAGES).fetchall())


def stage(con: DuckDBPyConnection, name: str) -> Stage:
    """Return one stage by name; UsageError naming the nearest and all stages if there is none."""
    known = {one.name: one for one in stages(con)}
    if name not in known:
        raise UsageError(
            f"The contract has no stage '{name}'.{did_you_mean(name, known)} "
            f"Its stages, in funnel order: {', '.join(known)}."
        )
    return known[name]


def stage_pair(con: DuckDBPyConnection, from_stage: str, to_stage: str) -> tuple[Stage, Stage]:
    """Return two stages; UsageError if one is unknown or the second is not later than the first."""
    start, end = stage(con, from_stage), stage(con, to_stage)
    if end.position <= start.position:
        order = ", ".join(one.name for one in stages(con))
        raise UsageError(
            f"'{to_stage}' does not come after '{from_stage}' in the funnel, so nothing can convert that "
            f"way. Choose a later to_stage; funnel order: {order}."
        )
    return start, end


def dimension(name: str) -> str:
    """Return the name of a dimension; UsageError naming the nearest and all dimensions if it is none."""
    return _one_of("dimension", name, DIMENSIONS)


def period(name: str) -> str:
    """Return 'week', 'month' or 'quarter'; UsageError for anything else."""
    return _one_of("period", name, PERIODS)


def seconds(days: float) -> int:
    """Return a length in days as whole seconds; UsageError unless it is positive."""
    if days <= 0:
        raise UsageError(f"A window of {days:g} days holds nothing. Give a positive number of days.")
    return round(days * DAY_SECONDS)


def _one_of(kind: str, asked: str, known: Iterable[str]) -> str:
    if asked in known:
        return asked
    raise UsageError(
        f"There is no {kind} '{asked}'.{did_you_mean(asked, known)} Choose one of: {', '.join(known)}."
    )
