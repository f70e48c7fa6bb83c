"""Was the batch picked by what became of it? A list of leads is compared with those it left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from funnel import number
from funnel.dispute.columns import learn
from funnel.dispute.logistic import fit
from funnel.dispute.sample import CATEGORIES, Sample, samples

Floats = NDArray[np.float64]

PICKED_BELOW = 0.01
LEAST_SHARE = 0.2
FEWEST = 5
KNOWN = (*CATEGORIES, "owner_id")


@dataclass(frozen=True)
class Selection:
    """What was found of how a list was picked, and the population to judge.

    `state`: clean (the picked converted like the others of their natural batches, given what was known at
    the hand-off), cannot tell (too few were left out), corrected (picked by outcome; `population` holds the
    whole natural batches), refused (picked by outcome, and too few of them to restore a batch). `p` is that
    of the score test; rates are those of the hand-offs whose outcome is known.
    """

    state: str
    n_picked: int
    n_left_out: int
    rate_picked: float
    rate_left_out: float
    p: float
    sentence: str
    population: pd.DataFrame


def selection(population: pd.DataFrame, *, horizon_days: float, landmark_days: float) -> Selection:
    """Return whether a listed batch was picked by its outcome, and the population to judge.

    Natural batch: the hand-offs with the `batch_key` of a picked one (campaign and month); those of them not
    in the batch were left out. Score test of the outcome in a logistic regression of being picked on
    what was known at the hand-off, the natural batch and the owner; below 1 % the list was picked by outcome.
    """
    own = population["in_batch"].to_numpy(dtype=bool)
    natural = population["batch_key"].isin(population.loc[own, "batch_key"].unique()).to_numpy(dtype=bool)
    left_out, picked = samples(population[natural], horizon_days=horizon_days, landmark_days=landmark_days)
    given: dict[str, Any] = {
        "n_picked": int(own.sum()),
        "n_left_out": int((natural & ~own).sum()),
        "rate_picked": float(picked.y.mean()) if len(picked) else np.nan,
        "rate_left_out": float(left_out.y.mean()) if len(left_out) else np.nan,
    }
    if min(len(picked), len(left_out)) < FEWEST:
        told = "Too few hand-offs were left out of the list to tell how it was picked."
        return Selection("cannot tell", **given, p=np.nan, sentence=told, population=population)
    p = _score_test(picked, left_out)
    if p >= PICKED_BELOW:
        told = f"The list was not picked by outcome, as far as can be seen: {_compared(given)}."
        return Selection("clean", **given, p=p, sentence=told, population=population)
    if own.sum() < LEAST_SHARE * natural.sum():
        told = (
            f"The list was picked by outcome: {_compared(given)}. It is too small a part of the batches it "
            "comes from to restore one; name the batch by what was known at the hand-off."
        )
        return Selection("refused", **given, p=p, sentence=told, population=population)
    told = f"The list was picked by outcome: {_compared(given)}. The whole batches it comes from are judged."
    return Selection("corrected", **given, p=p, sentence=told, population=population.assign(in_batch=natural))


def _score_test(picked: Sample, left_out: Sample) -> float:
    rows = pd.concat([picked.rows, left_out.rows], ignore_index=True)
    y = np.append(picked.y, left_out.y)
    is_picked = np.append(np.ones(len(picked)), np.zeros(len(left_out)))
    columns = learn(rows, (*KNOWN, "batch_key"))
    x = columns.of(rows)
    found = fit(x, is_picked, columns.block, np.ones(len(y)))
    rate = expit(found.linear(x))
    weight = rate * (1 - rate)
    slope = found.cover @ (x.T @ (weight * y))
    rest = y - x @ slope
    variance = float((weight * rest**2).sum())
    score = float(((is_picked - rate) * y).sum())
    return float(2 * norm.sf(abs(score) / np.sqrt(variance))) if variance > 1e-9 else 1.0


def _compared(given: dict[str, Any]) -> str:
    return (
        f"{number.rate(given['rate_picked'], given['n_picked'])} of its {number.count(given['n_picked'])} "
        f"hand-offs converted, {number.rate(given['rate_left_out'], given['n_left_out'])} of the "
        f"{number.count(given['n_left_out'])} others of the same batches"
    )
