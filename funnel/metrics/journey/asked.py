"""How a call becomes a question, and the question a walk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TypedDict

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.errors import UsageError
from funnel.metrics import term
from funnel.metrics.journey.period import period
from funnel.metrics.journey.question import Question
from funnel.metrics.journey.rule import rule
from funnel.metrics.journey.step import Exclusion, Step
from funnel.metrics.journey.walk import Period, Walk, walked


class Asked(TypedDict, total=False):
    """What every table of a journey is asked with; `funnel` says what each means."""

    steps: Sequence[Step]
    within_days: float
    order: str
    exclude: Sequence[Step | Exclusion]
    by: str | None
    attribute_from: str | int
    start_on: date | str | None
    end_on: date | str | None
    mature_only: bool
    events: pd.DataFrame | None


@dataclass(frozen=True)
class Answer:
    """A walk, its question, and its rule in words."""

    walk: Walk
    question: Question
    rule: str


@contextmanager
def answered(con: DuckDBPyConnection, asked: Asked) -> Iterator[Answer]:
    """Walk the journey that is asked for; UsageError for what cannot be meant."""
    question, events = asked_question(asked), asked.get("events")
    span = Period()
    if events is None:
        question = replace(question, steps=[_named(con, one) for one in question.steps])
        for what, _ in question.barred:
            _named(con, what)
        start_on, end_on = asked.get("start_on"), asked.get("end_on")
        span = period(con, start_on=start_on, end_on=end_on, mature_only=asked.get("mature_only", True))
    days = asked["within_days"]
    with walked(con, question, seconds=days * term.DAY_SECONDS, period=span, events=events) as walk:
        yield Answer(walk, question, rule(question, days))


def asked_question(asked: Asked) -> Question:
    """Return the question in full; UsageError for what cannot be meant."""
    missing = [name for name in ("steps", "within_days") if name not in asked]
    if missing:
        raise UsageError(f"A journey needs {missing[0]}=...; it has no default.")
    question = Question(
        asked["steps"],
        asked.get("order", "ordered"),
        asked.get("exclude", ()),
        asked.get("by"),
        asked.get("attribute_from", "first"),
    )
    question.check_sources(None if asked.get("events") is None else asked["events"])
    return question


def _named(con: DuckDBPyConnection, one: Step) -> Step:
    """Return a step under the title that the contract gives its stage; UsageError for an unknown stage."""
    asked = dict(one.where).get("stage", ()) if one.source == "stage" else ()
    titles = [term.stage(con, str(name)).title for name in asked]
    is_plain = len(one.where) == 1 and len(titles) == 1 and not one.title
    return one.titled(titles[0]) if is_plain else one
