"""Is the score a probability: observed by band beside expected, Brier score, skill, slope and intercept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import span
from funnel.metrics.score import fit, order, rank, rows

BANDS = 5
AS_SAID, REFITTED = "as said", "refitted"
CURVE = [
    *("band", "score_low", "score_high", "n", "n_converted", "rate", "low", "high"),
    *("expected", "scale", "n_train"),
]
SUMMARY = [
    *("scale", "n", "n_converted", "rate", "n_train", "expected"),
    *("brier", "brier_low", "brier_high", "brier_base", "skill", "skill_low", "skill_high"),
    *("slope", "slope_low", "slope_high", "intercept", "intercept_low", "intercept_high"),
]
CURVE_RULE = (
    "{} Fifths of the hand-offs by score, equal scores in the same fifth, with Wilson's interval. Expected: "
    "the score itself where it is a probability, else what hand-offs whose window was over before the span "
    "began make of it (logistic)."
)
SUMMARY_RULE = (
    "{} Brier: mean squared distance between the probability and what happened; skill: how much lower than "
    "when saying the earlier rate each time. Slope 1, intercept 0: the probabilities hold."
)


@dataclass(frozen=True)
class Said:
    """What the score says as a probability in the judged span, and the rate of the hand-offs before it."""

    p: Any
    scale: str | None
    n_train: int
    base: float
    note: str | None


def said(asked: rows.Judged) -> Said:
    """Return the score of the judged span as probabilities: as they are if all lie in 0-1, else refitted."""
    test, train = asked.test["score"], asked.train
    few = rows.too_few(train["y"], "earlier hand-offs")
    base = float(train["y"].mean()) if few is None else float(asked.test["y"].mean())
    if asked.rows["score"].dropna().between(0, 1).all() and asked.rows["score"].nunique() > 2:
        return Said(test.to_numpy(), AS_SAID, len(train), base, None)
    found = None if few else fit.line(train["score"], train["y"])
    if found is None:
        why = few or "the earlier hand-offs are parted by the score completely, or all had the same"
        note = f"the score cannot be read as a probability: {why}"
        return Said(np.full(len(test), np.nan), None, len(train), base, note)
    return Said(found.of(test), REFITTED, len(train), base, None)


def calibration(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    outcome: str | None = None,
    within_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per fifth of the hand-offs by score, the lowest first: observed beside expected.

    Columns: band (1: lowest), score_low, score_high, n, n_converted, rate with low and high, expected (mean
    probability; null where the score cannot be read as one), scale ("as said": the scores lie within 0-1;
    "refitted": by a logistic line on n_train earlier hand-offs), n_train, state, note, rule.
    """
    asked = rows.judged(
        con, stage=stage, outcome=outcome, within_days=within_days, start_on=start_on, end_on=end_on
    )
    if isinstance(asked, str) or asked.note:
        return order.refusal(asked, CURVE, CURVE_RULE)
    told = said(asked)
    frame = bands(asked.test["score"], asked.test["y"], told.p)
    frame = frame.assign(scale=told.scale, n_train=told.n_train, state=rows.OK, note=told.note)
    return frame.assign(rule=CURVE_RULE.format(asked.who))[[*CURVE, "state", "note", "rule"]]


def accuracy(
    con: DuckDBPyConnection,
    *,
    stage: str | None = None,
    outcome: str | None = None,
    within_days: float | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row: how good the score is as a probability, on the judged span.

    Columns: scale (see `calibration`), n, n_converted, rate, n_train, expected (mean probability), brier
    with brier_low and brier_high, brier_base (saying the earlier rate each time), skill (1 - brier /
    brier_base) with skill_low and skill_high, slope with slope_low and slope_high, intercept (on the logit
    scale, slope 1) with intercept_low and intercept_high, state, note, rule.
    """
    asked = rows.judged(
        con, stage=stage, outcome=outcome, within_days=within_days, start_on=start_on, end_on=end_on
    )
    if isinstance(asked, str) or asked.note:
        return order.refusal(asked, SUMMARY, SUMMARY_RULE)
    told = said(asked)
    rule = SUMMARY_RULE.format(asked.who)
    if told.note:
        return rows.refused(SUMMARY, rows.REFUSED, told.note, rule)
    row = summary(told.p, asked.test["y"], told.base) | {"scale": told.scale, "n_train": told.n_train}
    return pd.DataFrame([row | {"state": rows.OK, "note": None, "rule": rule}])[
        [*SUMMARY, "state", "note", "rule"]
    ]


def bands(score: Any, y: Any, p: Any, n: int = BANDS) -> pd.DataFrame:
    """Return the bands of `calibration` for scores, outcomes and probabilities."""
    frame = pd.DataFrame({name: np.asarray(v, float) for name, v in (("score", score), ("y", y), ("p", p))})
    frame["band"] = rank.bands(frame["score"], n) + 1
    expected = frame.groupby("band", sort=True)["p"].mean().to_numpy()
    return order.banded(frame, "band").assign(expected=expected)


def summary(p: Any, y: Any, base: float) -> dict[str, Any]:
    """Return the figures of `accuracy` for probabilities and outcomes, by name."""
    p, y = np.asarray(p, dtype=float), np.asarray(y, dtype=float)
    found = fit.accuracy(p, y, base)
    row: dict[str, Any] = {"n": len(y), "n_converted": int(y.sum()), "rate": float(y.mean())}
    row |= {"expected": float(p.mean()), "brier_base": found.brier_base}
    for name in ("brier", "skill", "slope", "intercept"):
        value, low, high = getattr(found, name)
        row |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return row
