"""What a running period comes to: what is left of it, from the same point in the periods before.

Counts and amounts: rest = mean rest of the periods before, moved by how far this one is ahead of them: by
nothing where what came early tells nothing of what comes late, and at most in proportion (least squares, the
linear credibility of Buehlmann 1967). Intervals: each period before is forecast from the others; the errors
on the square root scale, on which counts and sums of amounts have about the same spread at any size, give
Student's t. Rates: the rest's rate is that of the rests before; errors on the arcsine scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from funnel.stats import Floats

LEVEL = 0.9
LEAST = 6
POISSON_SPREAD = 0.5  # of the square root of a Poisson count


@dataclass(frozen=True)
class Course:
    """Cases and hits of the periods before, oldest first: at the same point (`seen`), and after it (`rest`).

    Of counts and amounts `seen_hits` and `rest_hits` are not used.
    """

    seen: Floats
    rest: Floats
    seen_hits: Floats
    rest_hits: Floats

    def without(self, place: int) -> Course:
        """Return the course without one of its periods."""
        kept = np.arange(len(self.seen)) != place
        return Course(*(column[kept] for column in (self.seen, self.rest, self.seen_hits, self.rest_hits)))


@dataclass(frozen=True)
class Ahead:
    """What is expected at the end, with its interval."""

    value: float
    low: float
    high: float


def flow(known: Course, so_far: float, grain: float) -> Ahead:
    """Return the count or amount at the end of the period of which `so_far` is known.

    `grain` is the size of one case (1 of counts; of amounts sum of squares / sum), below whose own spread the
    interval never falls. ValueError with fewer than two periods.
    """
    errors = [
        np.sqrt(known.rest[i]) - np.sqrt(rest(known.without(i), known.seen[i]))
        for i in range(len(known.rest))
    ]
    reach = _reach(np.asarray(errors), POISSON_SPREAD * float(np.sqrt(grain)))
    more = rest(known, so_far)
    low, high = max(np.sqrt(more) - reach, 0.0) ** 2, (np.sqrt(more) + reach) ** 2
    return Ahead(so_far + more, so_far + low, so_far + high)


def rate(known: Course, so_far: float, hits: float, grain: float) -> Ahead:
    """Return the rate at the end of the period of which `hits` of `so_far` cases (or amounts) are known."""
    errors = []
    for i in range(len(known.rest)):
        whole = known.seen[i] + known.rest[i]
        if whole > 0:
            expected = _mixed(known.without(i), known.seen[i], known.seen_hits[i])
            errors.append(_arcsine((known.seen_hits[i] + known.rest_hits[i]) / whole) - _arcsine(expected))
    more = rest(known, so_far)
    floor = POISSON_SPREAD * float(np.sqrt(grain * more)) / (so_far + more) if so_far + more > 0 else 0.0
    reach = _reach(np.asarray(errors), floor)
    middle = _mixed(known, so_far, hits)
    low, high = (np.clip(_arcsine(middle) + step, 0.0, np.pi / 2) for step in (-reach, reach))
    return Ahead(middle, float(np.sin(low) ** 2), float(np.sin(high) ** 2))


def rest(known: Course, so_far: float) -> float:
    """Return what is still to come of a count or an amount."""
    seen, left = known.seen.mean(), known.rest.mean()
    spread = known.seen.var()
    if seen <= 0 or spread <= 0:
        return float(left)
    slope = ((known.seen - seen) * (known.rest - left)).mean() / spread
    return float(max(left + np.clip(slope, 0.0, left / seen) * (so_far - seen), 0.0))


def _mixed(known: Course, so_far: float, hits: float) -> float:
    """Return the expected rate at the end: what is known, and the rest at the rate of the rests before."""
    more = rest(known, so_far)
    cases, came = known.rest.sum(), known.rest_hits.sum()
    if cases <= 0:
        cases, came = known.seen.sum(), known.seen_hits.sum()
    share = came / cases if cases > 0 else 0.0
    whole = so_far + more
    return float((hits + more * share) / whole) if whole > 0 else float(share)


def _reach(errors: Floats, floor: float) -> float:
    from scipy.stats import t

    n = len(errors)
    spread = max(float(np.sqrt((errors**2).sum() / (n - 1))), floor)
    return float(t.ppf(0.5 + LEVEL / 2, n - 1)) * spread * float(np.sqrt(1 + 1 / n))


def _arcsine(share: float) -> float:
    return float(np.arcsin(np.sqrt(share)))
