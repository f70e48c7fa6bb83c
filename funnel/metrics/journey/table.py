"""Journey funnels as tables: how many came how far, and how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics.frame import whole
from funnel.metrics.journey.asked import Asked, answered
from funnel.metrics.journey.step import Exclusion, Step

COUNTS = ("n_dropped", "n_open", "n_by_day")
TIMES = ("average_seconds", "median_seconds", "median_low", "median_high", "median_seconds_from_start")


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
    here; open: the window runs on), n_by_day, average_seconds, median_seconds (from the step before) with
    median_low and median_high (95 %, ranks n/2 -+ 0.98 sqrt(n), Campbell and Gardner 1988; null for few),
    median_seconds_from_start, n_excluded, n_young, is_mature, rule. UsageError for what cannot be meant.
    """
    asked: Asked = {"steps": steps, "within_days": within_days, "order": order, "exclude": exclude, "by": by}
    asked |= {"attribute_from": attribute_from, "start_on": start_on, "end_on": end_on}
    asked |= {"mature_only": mature_only, "events": events}
    with answered(con, asked) as answer:
        frame, left = whole(answer.walk.read("steps")), whole(answer.walk.read("left_out")).iloc[0]
    frame = _with_rates(frame).assign(n_excluded=int(left["n_excluded"]), n_young=int(left["n_young"]))
    frame["is_mature"] = frame.pop("is_mature").astype(bool)
    frame = frame.assign(rule=answer.rule)
    return frame if by else frame.drop(columns="value")


def _with_rates(frame: pd.DataFrame) -> pd.DataFrame:
    by_value = frame.groupby("value", dropna=False, sort=False)["n"]
    first, before, after = by_value.transform("first"), by_value.shift(1), by_value.shift(-1)
    shares = {"": (frame["n"], first), "step_": (frame["n"], before), "next_": (after, frame["n"])}
    rates: dict[str, stats.Floats] = {}
    for prefix, (part, all_of) in shares.items():
        low, high = stats.wilson(part, all_of)
        rates |= {f"{prefix}rate": stats.rate(part, all_of), f"{prefix}low": low, f"{prefix}high": high}
    frame = frame.assign(**rates)
    return frame[["value", "step", "title", "n", *rates, *COUNTS, *TIMES, "is_mature"]]
