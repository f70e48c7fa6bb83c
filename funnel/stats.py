"""Intervals and limits; undefined (0 of 0) is null, never 0. Heavy libraries are imported when needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.95
FEW = 10
LIMIT_Z = 3.0902323061678132  # 99.8 %, both sides
WARNING_Z = 1.959963984540054  # 95 %, both sides
TRIM = 0.1


def rate(successes: ArrayLike, trials: ArrayLike) -> Floats:
    """Return successes / trials, null where trials is 0 or null."""
    x, n = _floats(successes, trials)
    known = n > 0
    return _filled(known, x[known] / n[known])


def wilson(successes: ArrayLike, trials: ArrayLike, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return Wilson's interval of each proportion (statsmodels), null where trials is 0 or null.

    Trials may be an effective (not whole) number, as for a proportion of money.
    """
    import numpy as np
    from statsmodels.stats.proportion import proportion_confint

    x, n = _floats(successes, trials)
    known = n > 0
    x, n = x[known], n[known]
    low, high = proportion_confint(x, n, alpha=1 - level, method="wilson")
    return _filled(known, np.where(x <= 0, 0.0, low)), _filled(known, np.where(x >= n, 1.0, high))


def newcombe(
    x_1: ArrayLike, n_1: ArrayLike, x_2: ArrayLike, n_2: ArrayLike, *, level: float = LEVEL
) -> tuple[Floats, Floats, Floats]:
    """Return the difference x_1/n_1 - x_2/n_2 and its interval, Newcombe's method 10 (1998; statsmodels).

    Null where either of the trials is 0 or null.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    a, n, b, m = _floats(x_1, n_1, x_2, n_2)
    known = (n > 0) & (m > 0)
    a, n, b, m = a[known], n[known], b[known], m[known]
    low, high = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff", alpha=1 - level)
    return _filled(known, a / n - b / m), _filled(known, low), _filled(known, high)


def poisson(counts: ArrayLike, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the exact (Garwood 1936) interval of the mean of each count; null where the count is null."""
    from statsmodels.stats.rates import confint_poisson

    (x,) = _floats(counts)
    known = x >= 0
    low, high = confint_poisson(x[known], 1.0, method="exact-c", alpha=1 - level)
    return _filled(known, low), _filled(known, high)


def total(sums: ArrayLike, squares: ArrayLike, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Return the interval of a sum over a random number of terms: sum -+ z sqrt(sum of squares), cut at 0.

    The variance of a compound Poisson total is estimated by the sum of its squared terms
    (Bohman and Esscher 1963).
    """
    import numpy as np
    from scipy.stats import norm

    amounts, spread = _floats(sums, squares)
    reach = float(norm.ppf(0.5 + level / 2)) * np.sqrt(spread)
    return np.maximum(amounts - reach, 0.0), amounts + reach


@dataclass(frozen=True)
class Limits:
    """Control limits of a funnel plot: one low and high per unit, with the common target rate."""

    target: float
    low: Floats
    high: Floats
    phi: float
    tau2: float


def funnel_limits(successes: ArrayLike, trials: ArrayLike) -> Limits:
    """Return the 99.8 % limits of proportions around their pooled rate, widened for over-dispersion.

    Spiegelhalter (2005), Funnel plots: on the arcsine scale, z-scores winsorised at 10 %, an additive
    (random effects) variance tau2 by the method of moments where phi shows more spread than chance.
    Null where trials is 0.
    """
    import numpy as np

    x, n = _floats(successes, trials)
    known = n > 0
    x, n = x[known], n[known]
    if not len(n):
        return Limits(np.nan, _filled(known, n), _filled(known, n), np.nan, 0.0)
    target = float(x.sum() / n.sum())
    centre, error = np.arcsin(np.sqrt(target)), 0.5 / np.sqrt(n)
    phi, tau2 = _dispersion(np.arcsin(np.sqrt(x / n)) - centre, error)
    low, high = limits_at(target, tau2, n)
    return Limits(target, _filled(known, low), _filled(known, high), phi, tau2)


def limits_at(target: float, tau2: float, trials: ArrayLike, *, z: float = LIMIT_Z) -> tuple[Floats, Floats]:
    """Return low and high limits around a rate at any number of trials: the curves of a funnel plot.

    On the arcsine scale, error 0.5 / sqrt(n) with the variance `tau2` between groups added; `z` is LIMIT_Z
    (99.8 %) or WARNING_Z (95 %). Null where trials is 0 or null.
    """
    import numpy as np

    (n,) = _floats(trials)
    known = n > 0
    centre, reach = np.arcsin(np.sqrt(target)), z * np.sqrt(0.25 / n[known] + tau2)
    low = np.sin(np.clip(centre - reach, 0.0, np.pi / 2)) ** 2
    high = np.sin(np.clip(centre + reach, 0.0, np.pi / 2)) ** 2
    return _filled(known, low), _filled(known, high)


def with_rate(
    frame: pd.DataFrame, successes: str, trials: str, *, names: tuple[str, str, str] = ("rate", "low", "high")
) -> pd.DataFrame:
    """Return the frame with three columns more: the rate and Wilson's interval of two of its columns."""
    low, high = wilson(frame[successes], frame[trials])
    columns = dict(zip(names, (rate(frame[successes], frame[trials]), low, high), strict=True))
    return frame.assign(**columns)


def with_limits(frame: pd.DataFrame, successes: str, trials: str) -> pd.DataFrame:
    """Return the frame with `limit_low`, `limit_high`, `is_outside` and `is_small` (fewer than ten trials).

    For tables that rank sources: outside the over-dispersed 99.8 % limits is more than chance and the
    usual spread together.
    """
    limits = funnel_limits(frame[successes], frame[trials])
    share = rate(frame[successes], frame[trials])
    outside = (share < limits.low) | (share > limits.high)
    return frame.assign(
        limit_low=limits.low,
        limit_high=limits.high,
        is_outside=outside,
        is_small=(frame[trials] < FEW).to_numpy(),
    )


def _dispersion(distance: Floats, error: Floats) -> tuple[float, float]:
    import numpy as np

    scores = distance / error
    scores = np.clip(scores, *np.quantile(scores, [TRIM, 1 - TRIM]))
    phi, units, weights = float(np.mean(scores**2)), len(scores), 1 / error**2
    if units < 2 or units * phi <= units - 1:
        return phi, 0.0
    return phi, float((units * phi - (units - 1)) / (weights.sum() - (weights**2).sum() / weights.sum()))


def _floats(*columns: Any) -> tuple[Floats, ...]:
    import numpy as np
    import pandas as pd

    return tuple(np.asarray(pd.to_numeric(pd.Series(column)), dtype="float64") for column in columns)


def _filled(known: NDArray[np.bool_], values: Any) -> Floats:
    import numpy as np

    result = np.full(len(known), np.nan)
    result[known] = values
    return result
