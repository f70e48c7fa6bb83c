"""The chain of expected rates of a batch, E0, E2, E3, E4, and how baseline and batch move each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from funnel.dispute.columns import Columns, learn
from funnel.dispute.follow_up import NOT_YET, FollowUp, usual
from funnel.dispute.logistic import Fit, fit
from funnel.dispute.sample import Sample
from funnel.dispute.timing import Timing, pace_classes, timing

Floats = NDArray[np.float64]

FIGURES = ("e0", "w_base", "mu_invalid", "mu_valid", "e2", "e3", "e4")
LEADS = ("w_batch", "e2", "e3", "e4")


@dataclass(frozen=True)
class Chain:
    """The expected rates, each a mean over the batch, with what every lead adds to their errors.

    `influence`: a row per baseline hand-off, a column per FIGURES; `leads`: a row per hand-off of the
    batch, a column per LEADS. `eta`: the batch's linear predictor given attributes and follow-up, `seen`: its
    G. `history` is the score and information of each baseline hand-off for a shift of its batch.
    """

    values: dict[str, float]
    influence: Floats
    leads: Floats
    eta: Floats
    seen: Floats
    history: Floats
    follow_up: FollowUp | None
    n_not_yet: int
    unseen_variance: float


@dataclass(frozen=True)
class _Model:
    """One regression on the baseline, and its prediction for baseline and batch."""

    fit: Fit
    x: Floats
    used: NDArray[np.bool_]
    x_batch: Floats

    def gradient(self, weight: Floats) -> Floats:
        """Return the gradient of mean(weight * rate) over the batch in the coefficients."""
        rate = expit(self.fit.linear(self.x_batch))
        return np.asarray(self.x_batch.T @ (weight * rate * (1 - rate)) / len(rate))

    def influence(self, gradient: Floats) -> Floats:
        """Return the influence of every baseline hand-off; 0 for those the model was not fitted on."""
        result = np.zeros(len(self.used))
        result[self.used] = self.fit.influence(self.x[self.used], gradient)
        return result


def chain(baseline: Sample, batch: Sample, *, horizon_days: float) -> Chain:
    """Return the chain for samples of which `timing` knows the pace; the caller has seen to that."""
    columns = learn(baseline.rows)
    x, x_batch = columns.of(baseline.rows), columns.of(batch.rows)
    working = usual(baseline)
    code, code_batch = pace_classes(baseline, batch, *_worked_columns(working, baseline, batch, x, x_batch))
    pace = timing(baseline.days, baseline.age, code, horizon_days)
    if pace is None:
        raise ValueError("the pace of conversion is not known")
    exposure = np.where(baseline.age >= horizon_days, 1.0, pace.share(baseline.age, code))
    plain = _Model(fit(x, baseline.y, columns.block, exposure), x, np.ones(len(baseline), bool), x_batch)
    worked = _worked(plain, baseline, batch, working, columns.block, exposure)
    eta = np.where(_known(working, batch), worked.fit.linear(worked.x_batch), plain.fit.linear(x_batch))
    seen = np.where(batch.age >= horizon_days, 1.0, pace.share(batch.age, code_batch))
    leads = np.column_stack(
        [batch.is_invalid, expit(plain.fit.linear(x_batch)), expit(eta), expit(eta) * seen]
    )
    values, influence = _figures(baseline, batch, plain, worked, _known(working, batch), seen, leads)
    influence[:, 6] += _timing_influence(pace, baseline, batch, code, code_batch, leads[:, 2])
    return Chain(
        values=values,
        influence=influence,
        leads=leads,
        eta=eta,
        seen=seen,
        history=_history(plain, worked, baseline, exposure),
        follow_up=working,
        n_not_yet=int((~_known(working, batch)).sum()),
        unseen_variance=_unseen_variance(columns, plain.fit, batch),
    )


def _worked_columns(
    working: FollowUp | None, baseline: Sample, batch: Sample, x: Floats, x_batch: Floats
) -> tuple[Floats, Floats]:
    """Return the columns of attributes and follow-up, without effects by a lead's prospects."""
    if working is None:
        return x, x_batch
    level = np.zeros(len(baseline)), np.zeros(len(batch))
    more = (working.columns(baseline, level[0]), working.columns(batch, level[1]))
    return np.hstack([x, more[0]]), np.hstack([x_batch, more[1]])


def _classes(working: FollowUp | None, sample: Sample) -> NDArray[np.int64]:
    return np.full(len(sample), NOT_YET) if working is None else working.classes(sample)


def _known(working: FollowUp | None, sample: Sample) -> NDArray[np.bool_]:
    """Return which hand-offs can be compared by follow-up."""
    return np.asarray(_classes(working, sample) != NOT_YET)


def _worked(
    plain: _Model,
    baseline: Sample,
    batch: Sample,
    working: FollowUp | None,
    block: NDArray[np.int64],
    exposure: Floats,
) -> _Model:
    if working is None:
        return plain
    level = plain.fit.linear(plain.x)
    centre = float(level.mean())
    x = np.hstack([plain.x, working.columns(baseline, level - centre)])
    x_batch = np.hstack([plain.x_batch, working.columns(batch, plain.fit.linear(plain.x_batch) - centre)])
    used = _known(working, baseline)
    own = working.block
    blocks = np.append(block, np.where(own < 0, own, own + block.max() + 1))
    return _Model(fit(x[used], baseline.y[used], blocks, exposure[used]), x, used, x_batch)


def _figures(
    baseline: Sample,
    batch: Sample,
    plain: _Model,
    worked: _Model,
    known: NDArray[np.bool_],
    seen: Floats,
    leads: Floats,
) -> tuple[dict[str, float], Floats]:
    rate = expit(plain.fit.linear(plain.x))
    invalid = baseline.is_invalid
    everyone = np.ones(len(baseline), bool)
    values, columns = {}, []
    for name, own in (("e0", everyone), ("mu_invalid", invalid), ("mu_valid", ~invalid)):
        values[name], moved = _mean(plain, rate, own)
        columns.append(moved)
    if not baseline.is_young.any():
        values["e0"] = float(baseline.y.mean())
    values |= {"w_base": float(invalid.mean()), "observed": float(batch.y.mean())}
    values |= dict(zip(LEADS, map(float, leads.mean(axis=0)), strict=True))
    ones = np.ones(len(batch))
    columns.insert(1, (invalid - invalid.mean()) / len(baseline))
    columns.append(plain.influence(plain.gradient(ones)))
    for weight in (ones, seen):
        rest = plain.influence(plain.gradient(np.where(known, 0.0, weight)))
        columns.append(worked.influence(worked.gradient(np.where(known, weight, 0.0))) + rest)
    return values, np.column_stack(columns)


def _mean(plain: _Model, rate: Floats, own: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Return the mean predicted rate of some baseline hand-offs and its influences; null of none."""
    if not own.any():
        return float("nan"), np.zeros(len(own))
    mean, n = float(rate[own].mean()), int(own.sum())
    gradient = plain.x[own].T @ (rate * (1 - rate))[own] / n
    return mean, np.where(own, rate - mean, 0.0) / n + plain.influence(gradient)


def _timing_influence(
    pace: Timing,
    baseline: Sample,
    batch: Sample,
    code: NDArray[np.int64],
    code_batch: NDArray[np.int64],
    rate: Floats,
) -> Floats:
    result, converted = np.zeros(len(baseline)), baseline.y == 1
    result[converted] = pace.influence(baseline.days[converted], code[converted], batch.age, code_batch, rate)
    return result


def _history(plain: _Model, worked: _Model, baseline: Sample, exposure: Floats) -> Floats:
    eta = np.where(worked.used, worked.fit.linear(worked.x), plain.fit.linear(plain.x))
    rate = np.clip(expit(eta), 1e-10, 1 - 1e-10)
    unseen = (1 - rate) / (1 - exposure * rate)
    residual = (baseline.y - exposure * rate) * unseen
    return np.column_stack([residual, exposure * rate * (1 - rate) * unseen])


def _unseen_variance(columns: Columns, found: Fit, batch: Sample) -> float:
    """Return the variance that levels unseen in the baseline add: they could be any of their kind."""
    by_name = columns.variance(found.variance)
    return float(sum(by_name.get(name, 0.0) * share**2 for name, share in columns.unseen(batch.rows).items()))
