"""From which score on hand-offs meet the agreed target, and what a stricter threshold would cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.metrics import follow_up, span
from funnel.metrics.frame import whole
from funnel.metrics.score import order, rows

MOST, FEWEST_ABOVE = 20, 30
COLUMNS = [
    *("threshold", "n", "n_converted", "rate", "low", "high", "n_all_converted"),
    *("kept", "kept_low", "kept_high", "per_week", "target", "meets", "is_lowest", "is_lowest_shown"),
    *("never_above", "never_below"),
]
RULE = (
    "{} For each threshold the hand-offs at or above it: the share that converted, and the share of all "
    "conversions that they are. Only leads that were handed over are here; those with lower scores may have "
    "been worked less, so their rate is no proof of what they are worth."
)


def thresholds(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    outcome: str | None = None,
    within_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
    target: float | None = None,
) -> pd.DataFrame:
    """Return one row per possible threshold, the lowest first: what would be handed over, and its rate.

    The target is that of the contract for this conversion, unless given. Thresholds: every score, or about
    twenty spread over the hand-offs, each with at least 30 at or above. Columns: threshold, n (at or above),
    n_converted, rate with low and high, n_all_converted, kept (share of all conversions) with kept_low and
    kept_high, per_week (hand-offs), target, meets ("shown": low >= target; "estimate": rate >= target; "no";
    null without a target), is_lowest (the lowest threshold whose rate meets it), is_lowest_shown (whose
    interval does), never_above and never_below (share never touched at or above, below), state, note (why
    no threshold can be named), rule. UsageError for a target that is no rate.
    """
    asked = rows.judged(
        con, stage=stage, outcome=outcome, within_days=within_days, start_on=start_on, end_on=end_on
    )
    if isinstance(asked, str) or asked.note:
        return order.refusal(asked, COLUMNS, RULE)
    goal = rows.target(con, asked) if target is None else rows.a_rate(target)
    frame = table(asked.test, (asked.end_on - asked.start_on).days / 7, goal)
    note = _note(frame, goal, asked)
    return frame.assign(state=rows.OK, note=note, rule=RULE.format(asked.who))[
        [*COLUMNS, "state", "note", "rule"]
    ]


def table(test: pd.DataFrame, weeks: float, goal: float | None) -> pd.DataFrame:
    """Return the rows of `thresholds` for hand-offs with score, y and follow_up."""
    at = candidates(test["score"])
    score, y = test["score"].to_numpy(dtype=float), test["y"].to_numpy(dtype=float)
    is_above = score[None, :] >= at[:, None]
    is_never = (test["follow_up"] == follow_up.CLASSES[follow_up.NEVER]).to_numpy()
    is_told = (test["follow_up"] != rows.UNKNOWN).to_numpy()
    frame = pd.DataFrame({"threshold": at, "n": is_above.sum(axis=1), "n_converted": is_above @ y})
    frame = whole(frame.assign(n_all_converted=y.sum()))
    frame = stats.with_rate(frame, "n_converted", "n")
    frame = stats.with_rate(frame, "n_converted", "n_all_converted", names=("kept", "kept_low", "kept_high"))
    above, below = (
        stats.rate((side & is_never).sum(axis=1), (side & is_told).sum(axis=1))
        for side in (is_above, ~is_above)
    )
    frame = frame.assign(per_week=frame["n"] / weeks, never_above=above, never_below=below)
    return frame.assign(**_met(frame, goal))


def candidates(score: Any) -> Any:
    """Return the thresholds to try, rising: every score, or about twenty, with at least 30 at or above."""
    score = np.sort(np.asarray(score, dtype=float))
    found = np.unique(score)
    if len(found) > MOST:
        found = np.unique(np.quantile(score, np.arange(MOST) / MOST, method="inverted_cdf"))
    return found[len(score) - np.searchsorted(score, found, side="left") >= FEWEST_ABOVE]


def _met(frame: pd.DataFrame, goal: float | None) -> dict[str, Any]:
    if goal is None:
        return {"target": np.nan, "meets": None, "is_lowest": False, "is_lowest_shown": False}
    estimate, shown = frame["rate"] >= goal, frame["low"] >= goal
    meets = np.where(shown, "shown", np.where(estimate, "estimate", "no"))
    first, sure = (flag & (flag.cumsum() == 1) for flag in (estimate, shown))
    return {"target": goal, "meets": meets, "is_lowest": first, "is_lowest_shown": sure}


def _note(frame: pd.DataFrame, goal: float | None, asked: rows.Judged) -> str | None:
    if goal is None:
        return f"the contract names no target for {asked.start.title} to {asked.end.title}"
    if not frame["is_lowest"].any():
        best = frame.iloc[int(frame["rate"].to_numpy().argmax())]
        return (
            f"no threshold meets {number.rate(goal)}: the best, {best['threshold']:g}, comes to "
            f"{number.rate_with_interval(best['rate'], best['low'], best['high'], best['n'])}"
        )
    return None
