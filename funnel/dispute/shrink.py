"""Quality and chance: how much of the rest is a shift of the batch, given how far batches differ anyway."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, roots_hermitenorm, xlogy

Floats = NDArray[np.float64]

WIDE_VARIANCE = 1.0
WIDE_WEIGHT = 0.25
SMALLEST_TAU, LARGEST_TAU, TAU_SCALE = 0.02, 1.2, 0.5
FARTHEST = 8.0
NODES = 15


@dataclass(frozen=True)
class Shift:
    """The likelihood of a shift of the batch's logits, on a grid, with what each shift makes of the rate.

    `rate` is the expected observed rate, `matured` the rate once every lead has had the horizon.
    """

    grid: Floats
    width: Floats
    likelihood: Floats
    rate: Floats
    matured: Floats
    unshrunk: float


@dataclass(frozen=True)
class Prior:
    """A shift is N(0, tau2) in an ordinary batch, N(0, tau2 + 1) in one with a cause of its own.

    tau2 is not one number but those of `tau2` with their `weight`. `extra` is variance that only this
    batch has.
    """

    tau2: Floats
    weight: Floats
    extra: float = 0.0

    @property
    def variance(self) -> float:
        """The variance of the shift of an ordinary batch."""
        return float(self.weight @ self.tau2) + self.extra

    @cached_property
    def _table(self) -> tuple[Floats, Floats, Floats]:
        at = np.linspace(-3 * FARTHEST, 3 * FARTHEST, 4801)
        parts = [np.zeros(len(at)), np.zeros(len(at))]
        for tau2, weight in zip(self.tau2 + self.extra, self.weight, strict=True):
            for part, variance in zip(parts, (tau2, tau2 + WIDE_VARIANCE), strict=True):
                part += weight * np.exp(-0.5 * at**2 / variance) / np.sqrt(2 * np.pi * variance)
        return at, (1 - WIDE_WEIGHT) * parts[0], WIDE_WEIGHT * parts[1]

    def density(self, shift: Floats) -> tuple[Floats, Floats]:
        """Return the two parts of the prior's density: ordinary, and wide."""
        at, narrow, wide = self._table
        return np.interp(shift, at, narrow), np.interp(shift, at, wide)


def shift(eta: Floats, seen: Floats, y: Floats) -> Shift:
    """Return the likelihood of a shift s: each lead converts with probability expit(eta + s) * seen."""
    grid = _grid(eta, seen, y)
    count = len(grid)
    log, rate, matured = np.empty(count), np.empty(count), np.empty(count)
    for place, one in enumerate(grid):
        full = expit(eta + one)
        part = full * seen
        log[place] = (xlogy(y, part) + xlogy(1 - y, 1 - part)).sum()
        rate[place], matured[place] = part.mean(), full.mean()
    width = np.gradient(grid)
    return Shift(grid, width, np.exp(log - log.max()), rate, matured, float(grid[np.argmax(log)]))


def tau2(score: Floats, information: Floats, group: NDArray[np.int64]) -> float:
    """Return the variance between batches by Paule and Mandel (1982), 0 where chance explains their spread.

    Each batch's shift is its score over its information, with variance 1 / information + tau2.
    """
    total, size = np.bincount(group, score), np.bincount(group, information)
    total, size = total[size > 0], size[size > 0]

    def excess(variance: float) -> float:
        return float((total**2 / (size + size**2 * variance)).sum()) - (len(size) - 1)

    if len(size) < 2 or excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, 100.0)) if excess(100.0) < 0 else 100.0


def between(score: Floats, information: Floats, group: NDArray[np.int64], extra: float = 0.0) -> Prior:
    """Return how far ordinary batches differ, given the historical ones: the posterior of their deviation.

    Each batch's score is N(0, I + I2 tau2), I its information; half-normal prior on tau of scale .5. With few
    batches it stays wide, so that little history accuses nobody.
    """
    total, size = np.bincount(group, score), np.bincount(group, information)
    tau = np.linspace(SMALLEST_TAU, LARGEST_TAU, 60)
    variance = size[size > 0] + np.outer(tau**2, size[size > 0] ** 2)
    log = (
        -0.5 * (np.log(variance) + total[size > 0] ** 2 / variance).sum(axis=1) - 0.5 * (tau / TAU_SCALE) ** 2
    )
    weight = np.exp(log - log.max())
    return Prior(tau**2, weight / weight.sum(), extra)


def posterior(likelihood: Shift, prior: Prior, error: float) -> tuple[float, float]:
    """Return the mean effect of the shift on the observed rate, and the weight of the prior's wide part.

    `error` is the standard deviation of the baseline's own error on the logit scale: what looks like a shift
    of the batch may be one of the yardstick.
    """
    nodes, weights = roots_hermitenorm(NODES)
    offset = nodes * error
    narrow, wide = prior.density(likelihood.grid[None, :] - offset[:, None])
    mass = likelihood.likelihood * likelihood.width * weights[:, None]
    effect = likelihood.rate[None, :] - np.interp(offset, likelihood.grid, likelihood.rate)[:, None]
    total = float((mass * (narrow + wide)).sum())
    return float((mass * (narrow + wide) * effect).sum()) / total, float((mass * wide).sum()) / total


def draws(
    likelihood: Shift, prior: Prior, offset: Floats, random: np.random.Generator
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return which baseline errors `offset` to keep, drawn by how well they fit, and for each an effect.

    The two effects of the shift: on the observed rate, and on the rate once matured.
    """
    narrow, wide = prior.density(likelihood.grid[None, :] - offset[:, None])
    mass = (narrow + wide) * (likelihood.likelihood * likelihood.width)
    total = mass.sum(axis=1)
    kept = random.choice(len(offset), size=len(offset), p=total / total.sum())
    cumulated = np.cumsum(mass, axis=1)[kept]
    asked = random.uniform(size=len(offset)) * cumulated[:, -1]
    place = np.minimum((cumulated < asked[:, None]).sum(axis=1), len(likelihood.grid) - 1)
    start = offset[kept]
    observed, matured = (
        curve[place] - np.interp(start, likelihood.grid, curve)
        for curve in (likelihood.rate, likelihood.matured)
    )
    return kept, observed, matured


def _grid(eta: Floats, seen: Floats, y: Floats) -> Floats:
    """Return shifts, dense around the likeliest and even elsewhere."""

    def score(one: float) -> float:
        full = expit(eta + one)
        return float(((y - full * seen) * (1 - full) / np.maximum(1 - full * seen, 1e-12)).sum())

    best = -FARTHEST if score(-FARTHEST) <= 0 else FARTHEST if score(FARTHEST) >= 0 else 0.0
    best = float(brentq(score, -FARTHEST, FARTHEST)) if best == 0.0 else best
    full = expit(eta + best)
    reach = 1 / np.sqrt(max(float((full * (1 - full) * seen).sum()), 0.05))
    near = best + reach * np.linspace(-6, 6, 97)
    even = np.linspace(-FARTHEST, FARTHEST, 161)
    return np.unique(np.append(near[np.abs(near) <= FARTHEST], even))
