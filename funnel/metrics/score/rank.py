"""How well a score ranks: areas under the ROC curve with DeLong's covariance, overall and within classes.

DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; midranks as Sun and Xu (2014), IEEE Signal Processing
Letters 21. Ties count half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm, rankdata

from funnel import stats

Floats = NDArray[np.float64]
FEWEST_SIDE = 2


@dataclass(frozen=True)
class Area:
    """Areas of one or more scores of the same cases: value and covariance, pairs, smaller side in each."""

    value: Floats
    covariance: Floats
    n_pairs: int
    n_smaller: int

    def interval(self, at: int = 0, *, level: float = stats.LEVEL) -> tuple[float, float]:
        """Return the interval of one area, on the logit scale so that it stays within 0 and 1.

        Where all or no pairs are in order the estimated variance is 0: then Wilson's interval for as many
        cases as the smaller side has.
        """
        value, variance = float(self.value[at]), float(self.covariance[at, at])
        if np.isnan(value) or np.isnan(variance):
            return np.nan, np.nan
        if variance <= 0 or value in (0.0, 1.0):
            low, high = stats.wilson([value * self.n_smaller], [self.n_smaller], level=level)
            return float(low[0]), float(high[0])
        reach = _z(level) * np.sqrt(variance) / (value * (1 - value))
        return float(expit(logit(value) - reach)), float(expit(logit(value) + reach))

    def difference(self, *, level: float = stats.LEVEL) -> tuple[float, float, float]:
        """Return the second area minus the first, with its interval; the scores are of the same cases."""
        change = float(self.value[1] - self.value[0])
        c = self.covariance
        reach = _z(level) * np.sqrt(max(float(c[0, 0] + c[1, 1] - 2 * c[0, 1]), 0.0))
        return change, max(change - reach, -1.0), min(change + reach, 1.0)


def area(y: Any, *scores: Any) -> Area:
    """Return the areas of scores of the same cases; null where a side has too few."""
    is_case = np.asarray(y, dtype=float) == 1
    m, n = int(is_case.sum()), int((~is_case).sum())
    k = len(scores)
    if not m or not n:
        return Area(np.full(k, np.nan), np.full((k, k), np.nan), 0, 0)
    placed = [_placements(np.asarray(score, dtype=float), is_case) for score in scores]
    value = np.array([cases.mean() for cases, _ in placed])
    if min(m, n) < FEWEST_SIDE:
        return Area(value, np.full((k, k), np.nan), m * n, min(m, n))
    parts = (np.cov([pair[side] for pair in placed]) / size for side, size in ((0, m), (1, n)))
    return Area(value, np.reshape(sum(parts), (k, k)), m * n, min(m, n))


def within(y: Any, classes: Any, *scores: Any) -> Area:
    """Return the areas within classes: of pairs of the same class alone, so each class weighs by its pairs.

    A class with fewer than two cases on either side has no variance and is left out. The interval holds for
    classes of the sizes at hand.
    """
    y, classes = np.asarray(y, dtype=float), np.asarray(classes, dtype=object)
    held = [np.asarray(score, dtype=float) for score in scores]
    names = sorted(set(classes.tolist()))
    areas = [area(y[classes == name], *(score[classes == name] for score in held)) for name in names]
    known = [one for one in areas if one.n_smaller >= FEWEST_SIDE]
    if not known:
        return Area(np.full(len(held), np.nan), np.full((len(held), len(held)), np.nan), 0, 0)
    pairs = np.array([one.n_pairs for one in known], dtype=float)
    weight = pairs / pairs.sum()
    value = np.einsum("c,ck->k", weight, [one.value for one in known])
    covariance = np.einsum("c,ckj->kj", weight**2, [one.covariance for one in known])
    return Area(value, covariance, int(pairs.sum()), sum(one.n_smaller for one in known))


def bands(score: Any, n: int) -> NDArray[np.int64]:
    """Return the band of each case by its rank, 0 the lowest; equal scores share a band."""
    score = np.asarray(score, dtype=float)
    return np.asarray(np.floor((rankdata(score) - 0.5) / len(score) * n), dtype=np.int64)


def _placements(score: Floats, is_case: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return for each case the share of the others below it, and for each other the share of cases above."""
    cases, others = score[is_case], score[~is_case]
    both = rankdata(np.concatenate([cases, others]))
    below = (both[: len(cases)] - rankdata(cases)) / len(others)
    above = 1.0 - (both[len(cases) :] - rankdata(others)) / len(cases)
    return below, above


def _z(level: float) -> float:
    return float(norm.ppf(0.5 + level / 2))
