"""Forecast of young cohorts by chain ladder: what they have shown, over its share to be expected by now.

G(age) is the share of the conversions within the window that have come by an age. It is estimated from all
cohorts, each as far as it was watched: the chain ladder's development factors, in fine steps the estimate of
Lagakos, Barraj and De Gruttola (1988) for right-truncated times. A cohort's rate is then its conversions so
far over the sum of G over its members.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEVEL = 0.9
DRAWS = 1_000
SEED = 1988
GROUPS = 16
CANDIDATES = 16
EDGE = 1e-12
FEWEST = 10


@dataclass(frozen=True)
class Cohorts:
    """Counts by cohort (rows) and age cell (columns, 0 to the window's end).

    `watched`: members by the last cell they were watched to; `converted`: conversions by the cell in which
    they came; `settled`: the same members by the last cell they were watched to.
    """

    watched: Floats
    converted: Floats
    settled: Floats


@dataclass(frozen=True)
class Ladder:
    """G by age cell, and as many draws of it (draws x cells), from cohorts weighted at random."""

    growth: Floats
    draws: Floats


@dataclass(frozen=True)
class Forecast:
    """What a cohort comes to by the end of the window: its rate and its conversions, with intervals.

    The interval of the rate is of the rate that such members have; that of the conversions is of their number
    in this very cohort. `n_converted` came so far; `seen_share` is the sum of G over the
    members / their number.
    """

    rate: float
    low: float
    high: float
    expected: float
    expected_low: float
    expected_high: float
    n_converted: float
    seen_share: float


def ladder(cohorts: Cohorts) -> Ladder:
    """Return G of the cohorts, with draws of it: a bootstrap that weights whole cohorts exponentially."""
    import numpy as np

    weights = np.random.default_rng(SEED).exponential(size=(DRAWS, len(cohorts.watched)))
    return Ladder(growth(cohorts), growth(cohorts, weights))


def growth(cohorts: Cohorts, weights: Floats | None = None) -> Floats:
    """Return G at each age cell; with weights (draws x cohorts) a row per draw. It ends at 1.

    The product over later cells of 1 - (conversions in the cell / conversions up to it), both of members
    watched to that cell.
    """
    import numpy as np

    weight = np.ones(len(cohorts.watched)) if weights is None else weights
    came, gone = weight @ cohorts.converted, weight @ cohorts.settled
    still = came.cumsum(axis=-1) - (gone.cumsum(axis=-1) - gone)
    share = np.divide(came, still, out=np.zeros_like(came), where=came > 0)
    later = np.cumprod(np.clip(1 - share, 0.0, 1.0)[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([later[..., 1:], np.ones_like(later[..., :1])], axis=-1)


def spread_of_pace(converted: Floats, growth: Floats) -> tuple[float, float]:
    """Return how far cohorts stray from one pace, and the p-value of that they share it; nan, 1 below two.

    `converted`: conversions by cohort and age cell, of cohorts watched to the end. By G a conversion's place
    among the conversions is uniform on 0 to 1, so a cohort's mean place is 0.5 with variance 1 / 12 n. The
    spread is the standard deviation of the mean places beyond that (0 if none); the p-value is
    of the chi-square of their squared deviations (Cochran's Q, the mean being known).
    """
    import numpy as np
    from scipy.stats import chi2

    n = converted.sum(axis=1)
    kept, before = converted[n >= FEWEST], np.concatenate([[0.0], growth[:-1]])
    n = n[n >= FEWEST]
    if len(n) < 2:
        return float("nan"), 1.0
    off = kept @ (growth + before) / 2 / n - 0.5
    squares = 12 * n * off**2
    excess = (squares.sum() - len(n)) / (12 * n.sum())
    return float(np.sqrt(max(excess, 0.0))), float(chi2.sf(squares.sum(), len(n)))


def forecast(known: Ladder, watched: Floats, settled: Floats, *, level: float = LEVEL) -> Forecast:
    """Return the forecast of one cohort from its members and its conversions by the cell watched to.

    Rate: conversions / sum of G, at most 1. Intervals: draws of G; for each a draw of the rate given what was
    seen (each member converts by its age with probability rate x G(age); Jeffreys' prior), and a draw of the
    conversions still to come of the others. The same counts give the same draws.
    """
    import numpy as np

    came, seen = float(settled.sum()), float(watched @ known.growth)
    n = float(watched.sum())
    rates, more = _drawn(known.draws, watched - settled, came)
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(rates, ends)
    least, most = came + np.quantile(more, ends, method="inverted_cdf")
    rate = min(came / seen, 1.0) if seen > 0 else float("nan")
    low = 0.0 if came == 0 else min(float(low), rate)
    return Forecast(rate, low, max(float(high), rate), rate * n, float(least), float(most), came, seen / n)


def _drawn(draws: Floats, staying: Floats, came: float) -> tuple[Floats, Floats]:
    """Return draws of the rate and of the conversions to come, one per draw of G."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    sizes, shares = _grouped(draws, staying)
    rates = _rates(chance, sizes, shares, came)
    later = rates[:, None] * (1 - shares) / np.maximum(1 - rates[:, None] * shares, EDGE)
    more = chance.binomial(sizes.astype("int64"), np.clip(later, 0.0, 1.0)).sum(axis=1)
    return rates, more.astype("float64")


def _grouped(draws: Floats, staying: Floats) -> tuple[Floats, Floats]:
    """Return those not converted in a few groups of like age, and the mean G of each group by draw."""
    import numpy as np

    cells = np.flatnonzero(staying)
    groups = [group for group in np.array_split(cells, GROUPS) if len(group)]
    sizes = np.array([staying[group].sum() for group in groups])
    shares = [draws[:, group] @ staying[group] / staying[group].sum() for group in groups]
    return sizes, np.column_stack(shares) if groups else np.ones((len(draws), 0))


def _rates(chance: np.random.Generator, sizes: Floats, shares: Floats, came: float) -> Floats:
    """Return one rate per draw of G, of its posterior.

    Were all members of one age, rate x G would be Beta; its draws (cut where the rate exceeds 1) are weighted
    by how much the likelihood of the ages as they are differs.
    """
    import numpy as np
    from scipy.special import betainc, betaincinv

    n = sizes.sum()
    mean = np.maximum(shares @ sizes / n if n else np.ones(len(shares)), EDGE)
    shape = (came + 0.5, n + 0.5)
    level = betainc(*shape, np.minimum(mean, 1.0))[:, None] * chance.random((len(shares), CANDIDATES))
    rates = np.minimum(betaincinv(*shape, level) / mean[:, None], 1.0)
    like = np.log1p(-np.minimum(rates[..., None] * shares[:, None, :], 1 - EDGE)) @ sizes
    weight = like - n * np.log1p(-np.minimum(rates * mean[:, None], 1 - EDGE))
    pick = np.argmax(weight + chance.gumbel(size=weight.shape), axis=1)
    chosen: Floats = rates[np.arange(len(rates)), pick]
    return chosen
