"""One conversion by every segment column in turn, so that a page can switch between them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import convention as words
from funnel.metrics import share, span, term

WHOLE = "all"
COLUMNS = ["n", "n_persons", "n_converted", "n_imputed", "n_impossible", "rate", "low", "high"]
LIMITS = ["limit_low", "limit_high", "is_outside", "is_small"]


def segments(
    con: DuckDBPyConnection,
    *,
    from_stage: str,
    to_stage: str,
    within_days: float,
    order: str = "in order",
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per segment column and value, largest first: the conversion of one mature cohort.

    The first row is the whole. Columns that the source leaves empty are left out. By default the latest
    mature three months; entries younger than the window are left out. Columns: segment ('all', a dimension,
    'pass'), value (null: the source has none), n, n_persons, n_converted, n_imputed, n_impossible, rate, low,
    high, limit_low, limit_high (99.8 % within the segment column, widened for over-dispersion), is_outside,
    is_small (n < 10: show its range only), start_on, end_on, order, rule. UsageError for an unknown word.
    """
    start_on, end_on = span.asked(con, from_stage, term.seconds(within_days), start_on, end_on)
    asked: dict[str, Any] = {"from_stage": from_stage, "to_stage": to_stage, "within_days": within_days}
    asked |= {"order": order, "start_on": start_on, "end_on": end_on}
    whole = share.rate(con, convention="cohort", **asked).assign(value=WHOLE)
    frames = [_limited(whole, WHOLE)]
    for name in words.SPLITS:
        frame = share.rate(con, convention="cohort", by=name, **asked).rename(columns={name: "value"})
        if frame["value"].notna().any():
            frames.append(_limited(frame, name))
    ends = {"start_on": span.parsed(start_on), "end_on": span.parsed(end_on)}
    table = pd.concat(frames, ignore_index=True)
    return table.assign(**ends, order=order, rule=whole["rule"].iloc[0])


def _limited(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of one segment column, largest first, each with what chance gives its size."""
    frame = frame.sort_values(["n", "value"], ascending=[False, True], kind="stable", ignore_index=True)
    frame = stats.with_limits(frame, "n_converted", "n").assign(segment=name)
    frame = frame.assign(value=frame["value"].astype("object"))
    return frame[["segment", "value", *COLUMNS, *LIMITS]]
