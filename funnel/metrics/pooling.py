"""Partial pooling: the rate of a small group leans on the rates of the groups beside it.

The beta-binomial hierarchy of Gelman et al., Bayesian Data Analysis (3rd ed. 2013), section 5.3: the rates of
the groups of one kind are draws from Beta(a, b), with the prior (a + b)^(-5/2), uniform in a / (a + b) and
(a + b)^(-1/2), here with a + b >= 1 so that two groups are enough. Both are integrated over, not plugged in,
so that an interval also holds what is not known of the spread between groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEVEL = 0.95
ROOTS, MEANS, REACH, NEGLIGIBLE, HALVINGS = 28, 15, 5.0, 1e-4, 14
SMALLEST = 1e-3


@dataclass(frozen=True)
class Prior:
    """Pairs (a, b) with their weights, which add to 1."""

    a: Floats
    b: Floats
    weight: Floats

    def below(self, value: Floats, x: Floats, n: Floats) -> Floats:
        """Return the probability that the rate of each group is below its value."""
        from scipy.special import betainc

        parts = betainc(self.a[:, None] + x, self.b[:, None] + n - x, value)
        return np.asarray((self.weight[:, None] * parts).sum(axis=0), dtype="float64")


@dataclass(frozen=True)
class Pooled:
    """Pooled rates with intervals, null where a group is empty; mean and spread (sd) between groups."""

    rate: Floats
    low: Floats
    high: Floats
    mean: float
    spread: float


def pooled(successes: ArrayLike, trials: ArrayLike, *, level: float = LEVEL) -> Pooled:
    """Return the posterior mean of each group's rate with its interval of equal tails.

    Without any group of at least one trial everything is null.
    """
    x, n = (np.asarray(pd.Series(part), dtype="float64") for part in (successes, trials))
    known = n > 0
    rates = np.full((3, len(n)), np.nan)
    if not known.any():
        return Pooled(rates[0], rates[1], rates[2], np.nan, np.nan)
    prior = _prior(x[known], n[known])
    kinds, place = np.unique(np.stack([x[known], n[known]]), axis=1, return_inverse=True)
    ends = [_quantile(prior, 0.5 + side * level / 2, *kinds) for side in (-1, 1)]
    rates[:, known] = np.stack([_means(prior, *kinds), *ends])[:, place.reshape(-1)]
    return Pooled(rates[0], rates[1], rates[2], *_between(prior))


def with_pooled(frame: pd.DataFrame, successes: str, trials: str) -> pd.DataFrame:
    """Return the frame with three columns more: pooled_rate, pooled_low and pooled_high."""
    found = pooled(frame[successes], frame[trials])
    return frame.assign(pooled_rate=found.rate, pooled_low=found.low, pooled_high=found.high)


def _prior(x: Floats, n: Floats) -> Prior:
    """Return what the groups tell of (a, b).

    For each (a + b)^(-1/2), in equal steps of its logarithm, the mean on a grid around where it must lie.
    """
    root = SMALLEST ** ((np.arange(ROOTS) + 0.5) / ROOTS)
    mean, width = _places(x, n, root)
    a, b = mean * root[:, None] ** -2, (1 - mean) * root[:, None] ** -2
    weight = _likelihood(a, b, x, n) * width * root[:, None]
    kept = weight > NEGLIGIBLE * weight.max()
    return Prior(a[kept], b[kept], weight[kept] / weight[kept].sum())


def _places(x: Floats, n: Floats, root: Floats) -> tuple[Floats, Floats]:
    """Return, for each spread, a grid of means and the width of its steps, equal on the logit scale."""
    crude = (x.sum() + 0.5) / (n.sum() + 1)
    between = root[:, None] ** 2 / (1 + root[:, None] ** 2)
    precision = 1 / (crude * (1 - crude) * (1 / n + between))
    centre = (precision * (x + 0.5) / (n + 1)).sum(axis=1) / precision.sum(axis=1)
    step = REACH / np.sqrt(precision.sum(axis=1)) / (centre * (1 - centre)) / MEANS
    logit = np.log(centre / (1 - centre))[:, None] + step[:, None] * (2 * np.arange(MEANS) + 1 - MEANS)
    mean = 1 / (1 + np.exp(-logit))
    return mean, mean * (1 - mean) * step[:, None]


def _likelihood(a: Floats, b: Floats, x: Floats, n: Floats) -> Floats:
    """Return the beta-binomial likelihood of every pair, the best at 1."""
    from scipy.special import betaln

    pairs = (a[..., None], b[..., None])
    told = (betaln(pairs[0] + x, pairs[1] + n - x) - betaln(*pairs)).sum(axis=-1)
    return np.asarray(np.exp(told - told.max()), dtype="float64")


def _means(prior: Prior, x: Floats, n: Floats) -> Floats:
    a, b = prior.a[:, None] + x, prior.b[:, None] + n - x
    return np.asarray((prior.weight[:, None] * a / (a + b)).sum(axis=0), dtype="float64")


def _quantile(prior: Prior, share: float, x: Floats, n: Floats) -> Floats:
    """Return by halving the value below which a share of each group's mixture lies."""
    low, high = np.zeros(len(x)), np.ones(len(x))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_low = prior.below(middle, x, n) < share
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    return (low + high) / 2


def _between(prior: Prior) -> tuple[float, float]:
    means = prior.a / (prior.a + prior.b)
    within = means * (1 - means) / (prior.a + prior.b + 1)
    return float((prior.weight * means).sum()), float(np.sqrt((prior.weight * within).sum()))
