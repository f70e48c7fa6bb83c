"""Journey funnels person by person: who came how far, and how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.errors import UsageError
from funnel.metrics.journey.asked import Answer, Asked, answered, asked_question
from funnel.metrics.journey.known import known
from funnel.metrics.journey.question import Question
from funnel.metrics.journey.step import Exclusion, Step
from funnel.metrics.journey.walk import Period, walked

OUTCOMES = ("converted", "dropped", "open")
BIN = ("from_seconds", "to_seconds", "n", "average_seconds")
MOST_BINS, LEAST_WIDTH = 60, 60


def persons(
    con: DuckDBPyConnection, *, step: int, outcome: str = "converted", **asked: Unpack[Asked]
) -> pd.DataFrame:
    """Return one row per person who reached a step (converted), or came to the one before and not there.

    `step` counts from 1; `outcome` is converted, dropped, or open (not there, and the window runs on). The
    other arguments are those of `funnel`. Columns: subject_id, value (with `by`), level (the step reached),
    started_at, reached_at (UTC; of the step asked for, or of the last one reached), seconds (from the step
    before), seconds_from_start, precision ('day': compared by days), rule. UsageError as `funnel`.
    """
    known("outcome", outcome, OUTCOMES)
    _check_step(step, asked)
    with answered(con, asked) as answer:
        frame = answer.walk.read("persons", asked=step, outcome=outcome)
    return _finished(frame, answer)


def times(con: DuckDBPyConnection, *, from_step: int, to_step: int, **asked: Unpack[Asked]) -> pd.DataFrame:
    """Return one row per person who reached `to_step`: the time to it from `from_step`, counted from 1.

    The other arguments are those of `funnel`. Columns: subject_id, value (with `by`), seconds, precision,
    rule. UsageError as `funnel`, or if the second step is not later.
    """
    _check_step(from_step, asked)
    _check_step(to_step, asked)
    if to_step <= from_step:
        raise UsageError(f"Step {to_step} does not come after step {from_step}. Choose a later to_step.")
    with answered(con, asked) as answer:
        frame = answer.walk.read("times", from_step=from_step, to_step=to_step)
    return _finished(frame, answer)


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
    frame = times(con, from_step=from_step, to_step=to_step, **asked)
    seconds = frame["seconds"].to_numpy(dtype="float64")
    if not len(seconds):
        return pd.DataFrame(columns=pd.Index([*BIN, "rule"]))
    count = n_bins or int(min(MOST_BINS, np.ceil(np.cbrt(len(seconds)))))
    first = np.floor(seconds.min())
    width = np.ceil((np.ceil(seconds.max()) - first) / count) or LEAST_WIDTH
    place = np.floor((seconds - first) / width).astype("int64")
    starts = first + width * np.arange(count + 1)
    columns = (starts, starts + width, np.bincount(place, minlength=count + 1), seconds.mean())
    return pd.DataFrame(dict(zip(BIN, columns, strict=True))).assign(rule=frame["rule"].iloc[0])


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
    question.check_sources(events)
    with walked(con, question, seconds=window_seconds, period=Period(), events=events) as walk:
        return walk.read("levels")


def _finished(frame: pd.DataFrame, answer: Answer) -> pd.DataFrame:
    frame = frame if answer.question.by else frame.drop(columns="value")
    return frame.assign(rule=answer.rule)


def _check_step(step: int, asked: Asked) -> None:
    last = len(asked_question(asked).steps)
    if not 1 <= step <= last:
        raise UsageError(f"There is no step {step}: the journey has steps 1 to {last}.")
