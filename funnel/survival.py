"""How long until something happens, where not all were watched to the end: curves, medians, comparisons.

Pure functions of three arrays: `time` (any unit), `cause` (0: last seen then, still there; 1, 2, ...: left
then by that cause) and `n` (how many such cases; default: one each). Those who leave at a time come before
those last seen at it, so the latter are still at risk. Values, standard errors and limits are those of R's
survival and cmprsk; undefined is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from funnel.stats import LEVEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

TOLERANCE = 2.0**-26  # the square root of the machine's precision, as in R: a curve this near to p is at p


@dataclass(frozen=True)
class Curve:
    """A step function of time: `probability` holds from each `time` on, with standard error and limits.

    `n_risk` were watched and still there just before the time, `n_event` of them left then. `start` is the
    probability before the first time: 1 of staying, 0 of an exit.
    """

    time: Floats
    n_risk: Floats
    n_event: Floats
    probability: Floats
    std_err: Floats
    low: Floats
    high: Floats
    start: float = 1.0

    def at(self, ages: ArrayLike) -> Curve:
        """Return the curve at rising ages; `n_event` are those after the age before and up to this one."""
        import numpy as np

        asked = np.asarray(ages, dtype="float64")
        step = np.searchsorted(self.time, asked, side="right")
        at_risk = np.append(self.n_risk, 0.0)[np.searchsorted(self.time, asked, side="left")]
        events = np.diff(np.append(0.0, self.n_event.cumsum())[step], prepend=0.0)
        edge = np.nan if self.start == 0 else self.start
        probability = np.append(self.start, self.probability)[step]
        error, low, high = (
            np.append(first, column)[step]
            for column, first in ((self.std_err, 0.0), (self.low, edge), (self.high, edge))
        )
        return Curve(asked, at_risk, events, probability, error, low, high, self.start)


@dataclass(frozen=True)
class Quantile:
    """The time by which a share has left, with its limits; null where the curve does not come that far."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """A test that groups have one and the same curve: chi-square, degrees of freedom, p-value.

    `observed` and `expected` leavings, one per group in sorted order.
    """

    chi_square: float
    df: int
    p: float
    observed: Floats
    expected: Floats


def kaplan_meier(
    time: ArrayLike, cause: ArrayLike, n: ArrayLike | None = None, *, level: float = LEVEL
) -> Curve:
    """Return the probability to be still there, whatever the cause of leaving (Kaplan and Meier 1958).

    Greenwood's standard error; limits on the log scale, cut at 1, as R's `survfit`. Null limits at 0.
    """
    import numpy as np

    times, at_risk, left = _counted(time, cause, n, 1, is_any=True)
    events = left[:, 0]
    _, staying = _staying(at_risk, left)
    with np.errstate(divide="ignore", invalid="ignore"):
        error: Floats = staying * np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
    return Curve(times, at_risk, events, staying, error, *_log_limits(staying, error, level))


def aalen_johansen(
    time: ArrayLike, cause: ArrayLike, n: ArrayLike | None = None, *, causes: int, level: float = LEVEL
) -> tuple[Curve, ...]:
    """Return the probability to have left by each cause 1..causes, as it grows (Aalen and Johansen 1978).

    With `kaplan_meier` of the same cases they add to 1 at every time. A cause competes with the others: none
    of them is censored by another. Standard errors are the infinitesimal jackknife's, as in R's `survfit`
    (the sum over cases is done in closed form); limits on the log scale, cut at 1, null at 0.
    """
    times, at_risk, left = _counted(time, cause, n, causes)
    before, _ = _staying(at_risk, left)
    curves = []
    for events in left.T:
        probability = (before * events / at_risk).cumsum()
        error = _jackknife_error(at_risk, left.sum(axis=1), events, before, probability)
        limits = _log_limits(probability, error, level)
        curves.append(Curve(times, at_risk, events, probability, error, *limits, start=0.0))
    return tuple(curves)


def aalen_variance(
    time: ArrayLike, cause: ArrayLike, n: ArrayLike | None = None, *, causes: int
) -> tuple[Floats, ...]:
    """Return the variance of each cause's probability at each distinct time, as cmprsk's `cuminc`.

    Aalen 1978. It differs from the square of `aalen_johansen`'s error in the fourth digit: ties of different
    causes count as independent, and are corrected for their number.
    """
    import numpy as np

    _, at_risk, left = _counted(time, cause, n, causes)
    before, after = _staying(at_risk, left)
    inverse = np.divide(1.0, after, out=np.zeros_like(after), where=after > 0)
    variances = []
    for column, events in enumerate(left.T):
        probability = (before * events / at_risk).cumsum()
        own = _tied(before, at_risk, events)
        others = sum(_tied(before, at_risk, other) for k, other in enumerate(left.T) if k != column)
        others = np.where(after > 0, others, 0.0)
        slope, offset = inverse, probability * inverse
        parts = own * (1 + offset) ** 2 + others * offset**2
        cross = slope * (own * (1 + offset) + others * offset)
        square = slope**2 * (own + others)
        variances.append(parts.cumsum() - 2 * probability * cross.cumsum() + probability**2 * square.cumsum())
    return tuple(variances)


def quantile(curve: Curve, share: float = 0.5) -> Quantile:
    """Return the time by which `share` has left a curve of staying, with limits where its limits cross.

    The first time at or below 1 - share; where the curve lies exactly on it, the middle of that stretch, as
    R's `survfit` prints a median. Null: not reached.
    """
    value, low, high = (
        _crossing(curve.time, column, 1 - share) for column in (curve.probability, curve.low, curve.high)
    )
    return Quantile(value, low, high)


def log_rank(time: ArrayLike, cause: ArrayLike, group: ArrayLike, n: ArrayLike | None = None) -> Comparison:
    """Return the log-rank test of two or more groups (Mantel 1966; ties as in R's `survdiff`)."""
    import numpy as np

    at_risk, events = _by_group(time, cause, group, n)
    risk, left = at_risk.sum(axis=1), events.sum(axis=1)
    share = at_risk / risk[:, None]
    expected = (share * left[:, None]).sum(axis=0)
    spread = left * np.divide(risk - left, risk - 1, out=np.zeros_like(risk), where=risk > 1)
    variance = np.diag((share * spread[:, None]).sum(axis=0)) - (share * spread[:, None]).T @ share
    return _comparison(events.sum(axis=0), expected, variance)


def _counted(
    time: ArrayLike, cause: ArrayLike, n: ArrayLike | None, causes: int, *, is_any: bool = False
) -> tuple[Floats, Floats, Floats]:
    """Return the distinct times, how many are at risk at each, and how many leave, a column per cause."""
    import numpy as np

    at, kind, size = _arrays(time, cause, n)
    if is_any:
        kind = np.minimum(kind, 1)
    times, row = np.unique(at, return_inverse=True)
    counts = np.zeros((len(times), causes + 1))
    np.add.at(counts, (row, kind), size)
    at_risk = counts.sum(axis=1)[::-1].cumsum()[::-1]
    return times, at_risk, counts[:, 1:]


def _by_group(
    time: ArrayLike, cause: ArrayLike, group: ArrayLike, n: ArrayLike | None
) -> tuple[Floats, Floats]:
    """Return by time of leaving and group how many are at risk and how many leave."""
    import numpy as np

    at, kind, size = _arrays(time, cause, n)
    names, column = np.unique(np.asarray(group), return_inverse=True)
    times, row = np.unique(at, return_inverse=True)
    seen, left = np.zeros((2, len(times), len(names)))
    np.add.at(seen, (row, column), size)
    np.add.at(left, (row, column), np.where(kind > 0, size, 0.0))
    used = left.sum(axis=1) > 0
    return seen[::-1].cumsum(axis=0)[::-1][used], left[used]


def _arrays(
    time: ArrayLike, cause: ArrayLike, n: ArrayLike | None
) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Return the three arrays without cases of no weight; those add nothing but times."""
    import numpy as np

    at, kind = np.asarray(time, dtype="float64"), np.asarray(cause, dtype="int64")
    size = np.ones(len(at)) if n is None else np.asarray(n, dtype="float64")
    used = size > 0
    return at[used], kind[used], size[used]


def _staying(at_risk: Floats, left: Floats) -> tuple[Floats, Floats]:
    """Return the probability to be still there just before and just after each time."""
    import numpy as np

    after: Floats = np.cumprod(1 - left.sum(axis=1) / at_risk)
    return np.append(1.0, after[:-1]), after


def _jackknife_error(
    at_risk: Floats, left: Floats, events: Floats, before: Floats, probability: Floats
) -> Floats:
    """Return the root of the sum of squared influences of all cases on the probability of one cause.

    At time j the rates of leaving have the covariance of a multinomial of n_j, and those of different times
    are uncorrelated; a rate moves the probability at j by `before` and all later gains by -1 / (1 - rate).
    """
    import numpy as np

    rate, own = left / at_risk, events / at_risk
    stays = np.where(rate < 1, 1 - rate, np.inf)
    square = rate / stays / at_risk
    cross = before * own / at_risk
    parts = before**2 * own * (1 - own) / at_risk + 2 * cross * probability + square * probability**2
    slope = cross + square * probability
    total = parts.cumsum() - 2 * probability * slope.cumsum() + probability**2 * square.cumsum()
    error: Floats = np.sqrt(np.maximum(total, 0.0))
    return error


def _tied(before: Floats, at_risk: Floats, events: Floats) -> Floats:
    import numpy as np

    untied = np.divide(at_risk - events, at_risk - 1, out=np.ones_like(at_risk), where=events > 1)
    spread: Floats = before**2 * untied * events / at_risk**2
    return spread


def _log_limits(value: Floats, error: Floats, level: float) -> tuple[Floats, Floats]:
    import numpy as np
    from scipy.stats import norm

    known = (value > 0) & np.isfinite(error)
    relative = np.divide(error, value, out=np.full_like(value, np.nan), where=known)
    reach = np.exp(float(norm.ppf(0.5 + level / 2)) * relative)
    return value / reach, np.minimum(value * reach, 1.0)


def _crossing(time: Floats, curve: Floats, height: float) -> float:
    import numpy as np

    below = np.flatnonzero(curve < height + TOLERANCE)
    if not len(below):
        return float("nan")
    first = below[0]
    lower = below[curve[below] < curve[first]]
    if abs(curve[first] - height) < TOLERANCE and len(lower):
        return float((time[first] + time[lower[0]]) / 2)
    return float(time[first])


def _comparison(observed: Floats, expected: Floats, variance: Floats) -> Comparison:
    import numpy as np
    from scipy.stats import chi2

    used = expected > 0
    distance = (observed - expected)[used][1:]
    df = len(distance)
    matrix = variance[np.ix_(used, used)][1:, 1:]
    square = float(distance @ np.linalg.pinv(matrix, hermitian=True) @ distance) if df else float("nan")
    return Comparison(square, df, float(chi2.sf(square, df)) if df else float("nan"), observed, expected)
