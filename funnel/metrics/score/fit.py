"""From a score to a probability, and how good probabilities are: logistic fit, Brier score, slope."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from funnel import stats

Floats = NDArray[np.float64]
EDGE = 1e-6


@dataclass(frozen=True)
class Line:
    """A logistic line: logit P = intercept + slope * x, with standard errors."""

    intercept: float
    slope: float
    intercept_error: float
    slope_error: float

    def of(self, x: Any) -> Floats:
        """Return the probabilities at x."""
        return np.asarray(expit(self.intercept + self.slope * np.asarray(x, dtype=float)))


@dataclass(frozen=True)
class Accuracy:
    """Brier score and what to hold it against; slope and intercept of the calibration; all with intervals.

    `skill`: the share by which the Brier score is lower than that of saying `base` for every case. `slope` 1
    and `intercept` 0: as said; slope < 1: too extreme; intercept > 0: more converted than said.
    """

    brier: tuple[float, float, float]
    brier_base: float
    skill: tuple[float, float, float]
    slope: tuple[float, float, float]
    intercept: tuple[float, float, float]


def line(x: Any, y: Any) -> Line | None:
    """Return the logistic line of y on x by maximum likelihood; None where x parts y or is constant."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if _parted(x, y):
        return None
    centre, scale = x.mean(), x.std()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = GLM(y, np.column_stack([np.ones(len(x)), (x - centre) / scale]), family=Binomial()).fit()
    shift = np.array([[1.0, -centre / scale], [0.0, 1.0 / scale]])
    intercept, slope = shift @ found.params
    error = np.sqrt(np.diag(shift @ found.cov_params() @ shift.T))
    return Line(float(intercept), float(slope), float(error[0]), float(error[1]))


def accuracy(p: Any, y: Any, base: float) -> Accuracy:
    """Return how good probabilities p of outcomes y are, beside saying `base` each time.

    Brier (1950); the interval is that of a mean, for skill of the mean paired difference. Slope: the logistic
    line of y on logit p; intercept: calibration in the large, on the logit scale with slope 1 (Cox 1958; Van
    Calster et al. 2019).
    """
    p, y = np.asarray(p, dtype=float), np.asarray(y, dtype=float)
    loss, rival = (p - y) ** 2, (base - y) ** 2
    gain = _mean(rival - loss)
    whole = float(rival.mean())
    skill = tuple(each / whole if whole > 0 else np.nan for each in gain)
    odds = logit(np.clip(p, EDGE, 1 - EDGE))
    found = line(odds, y)
    slope = (np.nan,) * 3 if found is None else _wald(found.slope, found.slope_error)
    return Accuracy(_mean(loss), whole, (skill[0], skill[1], skill[2]), slope, _in_the_large(odds, y))


def _in_the_large(odds: Floats, y: Floats) -> tuple[float, float, float]:
    """Return by how much the log odds as said must move so that as many converted as expected."""
    from scipy.optimize import brentq

    if y.min() == y.max():
        return (np.nan,) * 3
    moved = float(brentq(lambda shift: float((expit(odds + shift) - y).sum()), -40.0, 40.0))
    p = expit(odds + moved)
    return _wald(moved, float(1 / np.sqrt((p * (1 - p)).sum())))


def _parted(x: Floats, y: Floats) -> bool:
    if y.min() == y.max() or np.ptp(x) == 0:
        return True
    lost, won = x[y == 0], x[y == 1]
    return bool(lost.max() <= won.min() or won.max() <= lost.min())


def _mean(values: Floats) -> tuple[float, float, float]:
    return _wald(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))


def _wald(value: float, error: float) -> tuple[float, float, float]:
    reach = float(norm.ppf(0.5 + stats.LEVEL / 2)) * error
    return value, value - reach, value + reach
