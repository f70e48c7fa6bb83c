"""A logistic regression whose groups of coefficients are pooled towards zero as far as the data say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logit

Floats = NDArray[np.float64]

FIXED = -1
FIXED_VARIANCE = 4.0
INTERCEPT_VARIANCE = 1e4
STEPS = 40
POOLING_STEPS = 5
TOLERANCE = 1e-9
SMALLEST, LARGEST = 1e-4, 9.0


@dataclass(frozen=True)
class Fit:
    """Coefficients, the inverse of the penalised information, and the variance of each block of columns."""

    beta: Floats
    cover: Floats
    residual: Floats
    variance: Floats

    def linear(self, x: Floats) -> Floats:
        """Return the linear predictor of each row."""
        return np.asarray(x @ self.beta)

    def influence(self, x: Floats, gradient: Floats) -> Floats:
        """Return what each fitted row adds to the error of a figure with this gradient in beta."""
        return np.asarray((x @ (self.cover @ gradient)) * self.residual)


def fit(x: Floats, y: Floats, block: NDArray[np.int64], exposure: Floats) -> Fit:
    """Fit P(y = 1) = exposure * expit(x beta) by penalised Fisher scoring; column 0 is the intercept.

    `exposure` is the share of its conversions that a row of this age has had the time to show (1: all).
    Columns of one `block` share a variance, estimated by MacKay's fixed point (1992) of the penalised
    likelihood: partial pooling, so that rare categories stay near the mean. Block -1 has a fixed, wide one.
    """
    start = np.zeros(x.shape[1])
    start[0] = logit((y.sum() + 0.5) / (exposure.sum() + 1.0))
    beta, variance = start.copy(), np.ones(block.max(initial=FIXED) + 1)
    for step in range(STEPS):
        information, score, residual = _scores(x, y, beta, exposure)
        precision = _precision(block, variance)
        target = information @ beta + score + precision * start
        solved, cover = _solve(information, precision, target)
        if step < POOLING_STEPS:
            variance = _pooled(information, target - precision * start, block, variance, start)
        moved = float(np.max(np.abs(solved - beta)))
        beta = solved
        if step >= POOLING_STEPS and moved < TOLERANCE:
            break
    _, _, residual = _scores(x, y, beta, exposure)
    return Fit(beta, cover, residual, variance)


def _scores(x: Floats, y: Floats, beta: Floats, exposure: Floats) -> tuple[Floats, Floats, Floats]:
    rate = np.clip(expit(x @ beta), 1e-10, 1 - 1e-10)
    unseen = (1 - rate) / (1 - exposure * rate)
    residual = (y - exposure * rate) * unseen
    weight = exposure * rate * (1 - rate) * unseen
    return (x * weight[:, None]).T @ x, x.T @ residual, residual


def _precision(block: NDArray[np.int64], variance: Floats) -> Floats:
    by_block = np.append(1 / variance, 1 / FIXED_VARIANCE)
    precision = by_block[block]
    precision[0] = 1 / INTERCEPT_VARIANCE
    return precision


def _solve(information: Floats, precision: Floats, target: Floats) -> tuple[Floats, Floats]:
    factor = cho_factor(information + np.diag(precision))
    cover = cho_solve(factor, np.eye(len(target)))
    return np.asarray(cho_solve(factor, target)), np.asarray(cover)


def _pooled(
    information: Floats, target: Floats, block: NDArray[np.int64], variance: Floats, start: Floats
) -> Floats:
    """Return the variances after a few turns of the fixed point, the likelihood taken as quadratic."""
    used = block >= 0
    if not used.any():
        return variance
    size = np.bincount(block[used], minlength=len(variance))
    for _ in range(6):
        precision = _precision(block, variance)
        beta, cover = _solve(information, precision, target + precision * start)
        spread = np.bincount(block[used], np.diag(cover)[used], minlength=len(variance))
        square = np.bincount(block[used], beta[used] ** 2, minlength=len(variance))
        determined = np.maximum(size - spread / variance, 1e-3)
        variance = np.clip(square / determined, SMALLEST, LARGEST)
    return np.asarray(variance)
