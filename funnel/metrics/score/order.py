"""Does the score rank leads: discrimination overall and within follow-up class, lift and cumulative gains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import follow_up, span
from funnel.metrics.frame import whole
from funnel.metrics.score import rank, rows
from funnel.metrics.source import ABSENT

DECILES = 10
ALL, WITHIN = "all hand-offs", "within follow-up class"
AREAS = [
    *("position", "group", "is_pooled", "n", "n_converted", "rate", "n_pairs"),
    *("auc", "low", "high", "median_score"),
]
LIFTS = [
    *("decile", "score_low", "score_high", "n", "n_converted", "rate", "low", "high"),
    *("lift", "lift_low", "lift_high", "n_above", "share_above", "n_converted_above"),
    *("gain", "gain_low", "gain_high"),
]
AREA_RULE = (
    "{} AUC: of all pairs of one that converted and one that did not, the share in which the first had the "
    "higher score (.5: no better than chance). Within class: pairs worked alike, before the landmark and "
    "the outcome, so that a score which merely steers follow-up shows .5. Interval: DeLong."
)
LIFT_RULE = (
    "{} Tenths of the hand-offs by score, equal scores in the same tenth; lift: share of the conversions / "
    "share of the hand-offs. Interval: Wilson's of the share of the conversions."
)


def discrimination(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    outcome: str | None = None,
    within_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return how well the score told apart who converted: overall, within class, then one row per class.

    Columns: position, group, is_pooled (the first two), n, n_converted, rate, n_pairs, auc with low and high
    (DeLong 1988, on the logit scale), median_score, state, note (why there is no figure), rule. Hand-offs
    whose follow-up is not recorded are in no class.
    """
    asked = rows.judged(
        con, stage=stage, outcome=outcome, within_days=within_days, start_on=start_on, end_on=end_on
    )
    if isinstance(asked, str) or asked.note:
        return refusal(asked, AREAS, AREA_RULE)
    test = asked.test
    classed = test[test["follow_up"] != rows.UNKNOWN]
    found = [
        _area(ALL, test, rank.area(test["y"], test["score"])),
        _area(WITHIN, classed, rank.within(classed["y"], classed["follow_up"], classed["score"])),
    ]
    for name in follow_up.CLASSES[:-1]:
        own = classed[classed["follow_up"] == name]
        if len(own):
            found.append(_area(name, own, rank.area(own["y"], own["score"])))
    frame = pd.DataFrame(found).assign(position=range(1, len(found) + 1))
    frame["state"], frame["note"] = _states(frame, len(classed))
    return frame.assign(rule=AREA_RULE.format(asked.who))[[*AREAS, "state", "note", "rule"]]


def lift(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    outcome: str | None = None,
    within_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per tenth of the hand-offs by score, the highest first: lift and cumulative gains.

    Columns: decile (1: highest), score_low, score_high, n, n_converted, rate with low and high, lift with
    lift_low and lift_high; of this and all higher ones n_above, share_above (of the hand-offs),
    n_converted_above, gain (share of all conversions) with gain_low and gain_high; state, note, rule.
    """
    asked = rows.judged(
        con, stage=stage, outcome=outcome, within_days=within_days, start_on=start_on, end_on=end_on
    )
    if isinstance(asked, str) or asked.note:
        return refusal(asked, LIFTS, LIFT_RULE)
    frame = lifts(asked.test["score"], asked.test["y"])
    return frame.assign(state=rows.OK, note=None, rule=LIFT_RULE.format(asked.who))[
        [*LIFTS, "state", "note", "rule"]
    ]


def lifts(score: Any, y: Any) -> pd.DataFrame:
    """Return the rows of `lift` for scores and outcomes."""
    frame = pd.DataFrame({"score": np.asarray(score, float), "y": np.asarray(y, float)})
    frame["decile"] = DECILES - rank.bands(frame["score"], DECILES)
    told = banded(frame, "decile")
    n, converted = told["n"].sum(), told["n_converted"].sum()
    told = told.assign(n_all=n, n_all_converted=converted)
    told = told.assign(n_above=told["n"].cumsum(), n_converted_above=told["n_converted"].cumsum())
    told = stats.with_rate(told, "n_converted", "n_all_converted", names=("lift", "lift_low", "lift_high"))
    ends = ("lift", "lift_low", "lift_high")
    told = told.assign(**{name: told[name] / (told["n"] / n) for name in ends})
    gains = ("gain", "gain_low", "gain_high")
    told = stats.with_rate(told, "n_converted_above", "n_all_converted", names=gains)
    return told.assign(share_above=told["n_above"] / n)[LIFTS]


def banded(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return one row per band of scores: score_low, score_high, n, n_converted, rate with low and high."""
    parts = frame.groupby(by, sort=True).agg(
        score_low=("score", "min"), score_high=("score", "max"), n=("y", "size"), n_converted=("y", "sum")
    )
    return stats.with_rate(whole(parts.reset_index()), "n_converted", "n")


def refusal(asked: rows.Judged | str, columns: list[str], rule: str) -> pd.DataFrame:
    """Return the row of a refusal, with its reason."""
    if isinstance(asked, str):
        return rows.refused(columns, rows.REFUSED, asked, rule.format("").strip())
    return rows.refused(columns, asked.state, str(asked.note), rule.format(asked.who))


def _area(name: str, own: pd.DataFrame, found: rank.Area) -> dict[str, Any]:
    low, high = found.interval()
    return {
        "group": name,
        "is_pooled": name in (ALL, WITHIN),
        "n": len(own),
        "n_converted": int(own["y"].sum()),
        "rate": float(own["y"].mean()) if len(own) else np.nan,
        "n_pairs": found.n_pairs,
        "auc": float(found.value[0]),
        "low": low,
        "high": high,
        "median_score": float(own["score"].median()) if len(own) else np.nan,
    }


def _states(frame: pd.DataFrame, n_classed: int) -> tuple[Any, Any]:
    """Say where an area is undefined, and why."""
    undefined = frame["auc"].isna()
    state = np.where(undefined, "undefined", rows.OK).astype(object)
    why = "all converted or none did, so there is no pair to compare"
    note = np.array([why if one else None for one in undefined], dtype=object)
    if not n_classed:
        state[1], note[1] = ABSENT, "no follow-up is recorded, so no one is known to be worked alike"
    return state, note
