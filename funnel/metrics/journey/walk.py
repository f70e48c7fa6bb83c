"""Running a journey: a chain of fixed statements over temporary tables, one pass per step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.errors import UsageError
from funnel.metrics.journey.matched import matched
from funnel.metrics.journey.question import Question
from funnel.metrics.journey.step import SOURCES

COMMON = ("subject_id", "event_key", "happened_at", "precision", "source")
REQUIRED = ("subject_id", "happened_at")
MICROSECOND = 1_000_000


@dataclass(frozen=True)
class Period:
    """Where attempts may start and until when windows are seen: microseconds of UTC and of local days.

    Null: no limit. `mature_only` leaves out attempts whose window is not over.
    """

    from_t: int | None = None
    to_t: int | None = None
    from_day: int | None = None
    to_day: int | None = None
    until_t: int | None = None
    until_day: int | None = None
    mature_only: bool = True


@dataclass(frozen=True)
class Walk:
    """A journey that was walked: `counted` and `best` hold its persons, `unit` how many t make a second."""

    con: DuckDBPyConnection
    given: Mapping[str, Any]

    def read(self, name: str, **more: Any) -> pd.DataFrame:
        """Return the rows of a statement by its name."""
        return _execute(self.con, piece(name), {**self.given, **more}).df()


@contextmanager
def walked(
    con: DuckDBPyConnection,
    question: Question,
    *,
    seconds: float,
    period: Period,
    events: pd.DataFrame | None = None,
) -> Iterator[Walk]:
    """Walk a journey over the warehouse, or over a frame of events, and give what came of it.

    Its temporary tables live in a connection of their own and go with it. UsageError for a window below 0
    and for a frame without subject_id or happened_at.
    """
    if not seconds >= 0:
        raise UsageError(f"A window of {seconds:g} seconds holds nothing. Give 0 or more.")
    own = con.cursor()
    try:
        unit = _place(own, question, seconds, period, events)
        given = {**_given(question, seconds, unit), **asdict(period)}
        _walk(own, question, given)
        yield Walk(own, given)
    finally:
        own.close()


@cache
def piece(name: str) -> str:
    """Return a statement, or a part of one, by its name."""
    return files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def _place(
    con: DuckDBPyConnection, question: Question, seconds: float, period: Period, events: pd.DataFrame | None
) -> int:
    """Lay the events down in their order; return how many units of t make a second."""
    if events is None:
        timed, unit = "timed", MICROSECOND
        source = "\nunion all by name\n".join(piece(name) for name in question.sources)
        columns = {*COMMON, *(column for name in question.sources for column in SOURCES[name])}
    else:
        frame, unit = _own(events)
        con.register("own_event", frame)
        source, columns = piece("own"), {*map(str, frame.columns), "event_key"}
        timed = "timed_own_instant" if unit == MICROSECOND else "timed_own"
    flagged, bound = matched(question, columns)
    parts = ["create temp table event as with event as (", source, "), flagged as materialized (", flagged]
    parts += ["), timed as (", piece(timed), ") select * from (", piece("placed"), ")"]
    given = {**_given(question, seconds, unit), **asdict(period), **bound}
    _execute(con, "\n".join(parts), given)
    return unit


def _walk(con: DuckDBPyConnection, question: Question, given: dict[str, Any]) -> None:
    for name in ("step", "hit", "bar", _start(con, question)):
        _execute(con, piece(name), given)
    forward = "gather" if question.order == "unordered" else "advance"
    for at in range(1, len(question.steps)):
        _execute(con, piece(forward), {**given, "step": at})
    judged = "judged" if question.exclude else "judged_free"
    for name in ("cut", "candidate", judged, "best", "counted"):
        _execute(con, piece(name), given)


def _start(con: DuckDBPyConnection, question: Question) -> str:
    """Return how attempts start: in any order one a person will do where steps share no events."""
    if question.order != "unordered" or question.exclude:
        return "start"
    several = con.execute("select count(*) from event where bit_count(served) > 1").fetchall()[0][0]
    return "start" if several else "start_lone"


def _given(question: Question, seconds: float, unit: int) -> dict[str, Any]:
    asked = question.value_from
    return {
        "window": round(seconds * unit),
        "unit": unit,
        "order": question.order,
        "keeps_all": question.keeps_all,
        "is_reuse": question.is_reuse,
        "is_order": "strict_order" in question.modes,
        "is_deduplication": "strict_deduplication" in question.modes,
        "is_increase": "strict_increase" in question.modes,
        "is_reentry": "allow_reentry" in question.modes,
        "is_split": question.by is not None,
        "is_any_level": question.order == "unordered" and bool(question.exclude),
        "n_steps": len(question.steps),
        "titles": [one.says for one in question.steps],
        "same_before": question.same_before,
        "value_of": "step" if isinstance(asked, int) else asked,
        "value_step": asked if isinstance(asked, int) else None,
    }


def _own(events: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    missing = [name for name in REQUIRED if name not in events]
    if missing:
        raise UsageError(
            f"The events have no column '{missing[0]}'. They need subject_id (who) and happened_at (an "
            "instant, or a number that counts seconds); any other column can be a condition."
        )
    if "event_key" in events:
        raise UsageError("The column name event_key is taken. Rename it in the events.")
    at = events["happened_at"]
    if not pd.api.types.is_datetime64_any_dtype(at):
        return events, 1
    naive = at.dt.tz_convert("UTC").dt.tz_localize(None) if at.dt.tz is not None else at
    return events.assign(happened_at=naive), MICROSECOND


def _execute(con: DuckDBPyConnection, query: str, given: Mapping[str, Any]) -> DuckDBPyConnection:
    """Run a statement with those of the values that it names; DuckDB refuses any other."""
    named = set(re.findall(r"\$(\w+)", query))
    return con.execute(query, {name: value for name, value in given.items() if name in named})
