"""G: of those who convert by the horizon, the share that has by an age, by class of expected pace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnel.dispute.sample import Sample
from funnel.survival import kaplan_meier

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

POOLED = 20.0
RIDGE = 20.0
PER_CLASS, MOST_CLASSES = 100, 4


@dataclass(frozen=True)
class Timing:
    """Steps of G over all converters and by class; a small class leans on all, as if by POOLED converters."""

    everyone: tuple[Floats, Floats]
    by_class: dict[int, tuple[Floats, Floats]]
    n: dict[int, int]

    def share(self, age: Floats, code: Codes) -> Floats:
        """Return G at each age for its class."""
        overall = _at(self.everyone, age)
        result = overall.copy()
        for one, steps in self.by_class.items():
            own, weight = code == one, self.n[one] / (self.n[one] + POOLED)
            result[own] += weight * (_at(steps, age[own]) - overall[own])
        return result

    def influence(self, days: Floats, code: Codes, age: Floats, at: Codes, rate: Floats) -> Floats:
        """Return what each converter (days, code) adds to the error of mean(rate * G(age | at))."""
        result, n_all = np.zeros(len(days)), len(days)
        for one in np.unique(at):
            asked, own = at == one, code == one
            weight = self.n.get(int(one), 0) / (self.n.get(int(one), 0) + POOLED)
            part = _moved(days, age[asked], rate[asked], self.everyone) / len(age)
            result += (1 - weight) * part / max(n_all, 1)
            if weight:
                moved = _moved(days[own], age[asked], rate[asked], self.by_class[int(one)]) / len(age)
                result[own] += weight * moved / max(own.sum(), 1)
        return result


def pace_classes(baseline: Sample, batch: Sample, x: Floats, x_batch: Floats) -> tuple[Codes, Codes]:
    """Return classes of hand-offs whose converters are alike in pace, slowest last.

    Quarters of the pace expected from attributes and follow-up (x): a ridge regression of log days among the
    converters; one class where they are fewer than a class needs.
    """
    won = baseline.y == 1
    count = int(np.clip(won.sum() // PER_CLASS, 1, MOST_CLASSES))
    if count == 1:
        return np.zeros(len(baseline), dtype=np.int64), np.zeros(len(batch), dtype=np.int64)
    log = np.log1p(baseline.days[won])
    own = x[won]
    precision = np.full(x.shape[1], RIDGE)
    precision[0] = 1e-8
    beta = np.linalg.solve(own.T @ own + np.diag(precision), own.T @ log)
    edges = np.quantile(own @ beta, np.arange(1, count) / count)
    return np.searchsorted(edges, x @ beta), np.searchsorted(edges, x_batch @ beta)


def timing(days: Floats, age: Floats, code: Codes, horizon: float) -> Timing | None:
    """Return G from baseline hand-offs: `days` to the outcome (null: none yet), watched for `age` days.

    Kaplan-Meier of the time to the outcome over its value at the horizon: those too young count as far as
    they were watched; where all had the horizon it is the ECDF of the converters. None where nobody was
    watched until the horizon, or nobody converted.
    """
    if not (age >= horizon).any() or np.isnan(days).all():
        return None
    found = {int(one): code == one for one in np.unique(code) if (~np.isnan(days[code == one])).any()}
    usable = {one: own for one, own in found.items() if (age[own] >= horizon).any()}
    by_class = {one: _steps(days[own], age[own]) for one, own in usable.items()}
    n = {one: int((~np.isnan(days[own])).sum()) for one, own in usable.items()}
    return Timing(_steps(days, age), by_class, n)


def _steps(days: Floats, age: Floats) -> tuple[Floats, Floats]:
    converted = ~np.isnan(days)
    curve = kaplan_meier(np.where(converted, days, age), converted.astype(np.int64))
    reached = 1 - curve.probability
    return curve.time, reached / reached[-1]


def _at(steps: tuple[Floats, Floats], age: Floats) -> Floats:
    time, share = steps
    return np.asarray(np.append(0.0, share)[np.searchsorted(time, age, side="right")])


def _moved(days: Floats, age: Floats, rate: Floats, steps: tuple[Floats, Floats]) -> Floats:
    """Return for each converter the sum over asked ages of rate * (1[days <= age] - G(age))."""
    order = np.argsort(age)
    later = np.append(np.cumsum(rate[order][::-1])[::-1], 0.0)
    return np.asarray(later[np.searchsorted(age[order], days, side="left")] - (rate * _at(steps, age)).sum())
