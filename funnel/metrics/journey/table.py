"""Journey funnels as tables: how many came how far, who, and how long it took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TypedDict, Unpack

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import term
from funnel.metrics.frame import whole
from funnel.metrics.journey.period import period
from funnel.metrics.journey.question import Exclusion, Question, Step
from funnel.metrics.journey.rule import rule
from funnel.metrics.journey.walk import Period, Walk, walked

OUTCOMES = ("converted", "dropped", "open")
MOST_BINS, LEAST_WIDTH = 60, 60


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


def funnel(
    con: DuckDBPyConnection,
    *,
    steps: Sequence[Step],
    within_days: float,
    order: str = "ordered",
    exclude: Sequence[Step | Exclusion] = (),
    by: str | None = None,
    attribute_from: str | int = "first",
    start_on: date | str | None = None,
    end_on: date | str | None = None,
    mature_only: bool = True,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row per step (and value of `by`): how many persons came that far, and how long it took.

    A person counts once, by the attempt that came furthest, of those the first to arrive. `order` is
    ordered, strict (no other event between two steps) or unordered; the window is elapsed time from the
    first step, its end included. `exclude` makes attempts void. `by` is an attribute of the event of the
    first or last step or of a step's number (`attribute_from`), or first_touch, last_touch. Attempts start in
    [start_on, end_on) and, with `mature_only`, their window is over. `events` is a frame to ask instead of
    the warehouse. Columns: value (with `by`), step, title, n, rate (of step 1), low, high, step_rate (of the
    step before), next_rate, each with low and high, n_dropped and n_open (came to the step before and not
    here; open: the window runs on), n_by_day, average_seconds, median_seconds (from the step before),
    median_seconds_from_start, n_excluded, n_young, is_mature, rule. UsageError for what cannot be meant.
    """
    asked: Asked = {"steps": steps, "within_days": within_days, "order": order, "exclude": exclude, "by": by}
    asked |= {"attribute_from": attribute_from, "start_on": start_on, "end_on": end_on}
    asked |= {"mature_only": mature_only, "events": events}
    with _walk(con, asked) as walk:
        frame, left = whole(walk.read("steps")), whole(walk.read("left_out")).iloc[0]
    frame = _with_rates(frame).assign(n_excluded=int(left["n_excluded"]), n_young=int(left["n_young"]))
    frame["is_mature"] = frame.pop("is_mature").astype(bool)
    frame = frame.assign(rule=rule(_question(asked), within_days))
    return frame if by else frame.drop(columns="value")


def persons(
    con: DuckDBPyConnection, *, step: int, outcome: str = "converted", **asked: Unpack[Asked]
) -> pd.DataFrame:
    """Return one row per person who reached a step (converted), or came to the one before and not there.

    `step` counts from 1; `outcome` is converted, dropped, or open (not there, and the window runs on). The
    other arguments are those of `funnel`. Columns: subject_id, value (with `by`), level (the step reached),
    started_at, reached_at (UTC; of the step asked for, or of the last one reached), seconds (from the step
    before), seconds_from_start, precision ('day': compared by days), rule. UsageError as `funnel`.
    """
    question = _question(asked)
    if outcome not in OUTCOMES:
        near = did_you_mean(outcome, OUTCOMES)
        raise UsageError(f"There is no outcome '{outcome}'.{near} Choose one of: {', '.join(OUTCOMES)}.")
    _check_step(step, question)
    with _walk(con, asked) as walk:
        frame = walk.read("persons", asked=step, outcome=outcome)
    frame = frame if question.by else frame.drop(columns="value")
    return frame.assign(rule=rule(question, asked["within_days"]))


def times(con: DuckDBPyConnection, *, from_step: int, to_step: int, **asked: Unpack[Asked]) -> pd.DataFrame:
    """Return one row per person who reached `to_step`: the time to it from `from_step`, counted from 1.

    The other arguments are those of `funnel`. Columns: subject_id, value (with `by`), seconds, precision,
    rule. UsageError as `funnel`, or if the second step is not later.
    """
    question = _question(asked)
    _check_step(from_step, question)
    _check_step(to_step, question)
    if to_step <= from_step:
        raise UsageError(f"Step {to_step} does not come after step {from_step}. Choose a later to_step.")
    with _walk(con, asked) as walk:
        frame = walk.read("times", from_step=from_step, to_step=to_step)
    frame = frame if question.by else frame.drop(columns="value")
    return frame.assign(rule=rule(question, asked["within_days"]))


def bins(
    con: DuckDBPyConnection,
    *,
    from_step: int,
    to_step: int,
    n_bins: int | None = None,
    **asked: Unpack[Asked],
) -> pd.DataFrame:
    """Return one row per bin of the times from one step to another, as a histogram draws them.

    By default as many bins as the cube root of the persons, rounded up, at most 60, and one more that holds
    the slowest; whole seconds wide (PostHog's rule). Columns: from_seconds, to_seconds (exclusive), n,
    average_seconds (of all), rule. Without persons there are no rows. UsageError as `times`.
    """
    if n_bins is not None and n_bins < 1:
        raise UsageError(f"{n_bins} bins hold nothing. Give 1 or more.")
    seconds = times(con, from_step=from_step, to_step=to_step, **asked)["seconds"].to_numpy(dtype="float64")
    said = rule(_question(asked), asked["within_days"])
    if not len(seconds):
        columns = ["from_seconds", "to_seconds", "n", "average_seconds", "rule"]
        return pd.DataFrame(columns=pd.Index(columns))
    count = n_bins or int(min(MOST_BINS, np.ceil(np.cbrt(len(seconds)))))
    first = np.floor(seconds.min())
    width = np.ceil((np.ceil(seconds.max()) - first) / count) or LEAST_WIDTH
    place = np.floor((seconds - first) / width).astype("int64")
    starts = first + width * np.arange(count + 1)
    found = {"from_seconds": starts, "to_seconds": starts + width}
    found["n"] = np.bincount(place, minlength=count + 1)
    return pd.DataFrame(found).assign(average_seconds=seconds.mean(), rule=said)


def levels(
    con: DuckDBPyConnection,
    *,
    events: pd.DataFrame,
    steps: Sequence[Step],
    window_seconds: float,
    order: str = "ordered",
    exclude: Sequence[Step | Exclusion] = (),
    modes: Sequence[str] = (),
    reuse_events: bool = False,
) -> pd.DataFrame:
    """Return one row per person of a frame of events: the step that was reached, 0 if none.

    `events` has subject_id, happened_at (instants, or numbers that count seconds) and any attributes. With
    `reuse_events` one event serves several steps; `modes` are those of ClickHouse's windowFunnel, except
    strict_once, which is the default here. Columns: subject_id, level, is_excluded (its furthest attempt is
    void), seconds (a list: the time each step took after the one before). UsageError as `funnel`.
    """
    question = Question(steps, order, exclude, modes=modes, is_reuse=reuse_events)
    with walked(con, question, seconds=window_seconds, period=Period(), events=events) as walk:
        return walk.read("levels")


@contextmanager
def _walk(con: DuckDBPyConnection, asked: Asked) -> Iterator[Walk]:
    question, events = _question(asked), asked.get("events")
    span = Period()
    if events is None:
        _check_stages(con, question)
        start_on, end_on = asked.get("start_on"), asked.get("end_on")
        span = period(con, start_on=start_on, end_on=end_on, mature_only=asked.get("mature_only", True))
    seconds = asked["within_days"] * term.DAY_SECONDS
    with walked(con, question, seconds=seconds, period=span, events=events) as walk:
        yield walk


def _question(asked: Asked) -> Question:
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


def _check_step(step: int, question: Question) -> None:
    last = len(question.steps)
    if not 1 <= step <= last:
        raise UsageError(f"There is no step {step}: the journey has steps 1 to {last}.")


def _check_stages(con: DuckDBPyConnection, question: Question) -> None:
    used = [*question.steps, *(what for what, _ in question.barred)]
    for name, values in (clause for one in used if one.source == "stage" for clause in one.where):
        for value in values if name == "stage" else ():
            term.stage(con, str(value))


def _with_rates(frame: pd.DataFrame) -> pd.DataFrame:
    by_value = frame.groupby("value", dropna=False, sort=False)["n"]
    first, before, after = by_value.transform("first"), by_value.shift(1), by_value.shift(-1)
    shares = {"": (frame["n"], first), "step_": (frame["n"], before), "next_": (after, frame["n"])}
    rates: dict[str, stats.Floats] = {}
    for prefix, (part, all_of) in shares.items():
        low, high = stats.wilson(part, all_of)
        rates |= {f"{prefix}rate": stats.rate(part, all_of), f"{prefix}low": low, f"{prefix}high": high}
    rest = ["n_dropped", "n_open", "n_by_day", "average_seconds", "median_seconds"]
    rest += ["median_seconds_from_start", "is_mature"]
    frame = frame.assign(**rates)
    return frame[["value", "step", "title", "n", *rates, *rest]]
