"""The verdict on a disputed batch: six parts that add to its gap, with intervals, and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from funnel.dispute import words
from funnel.dispute.bridge import bridge, steps
from funnel.dispute.chain import Chain, chain
from funnel.dispute.parts import Weighed, figures, table
from funnel.dispute.sample import Sample, samples
from funnel.dispute.shrink import Prior, between, posterior, shift, tau2
from funnel.dispute.uncertainty import baseline_draws, drawn, slope, yardstick_error


@dataclass(frozen=True)
class Judged:
    """The verdict on one batch.

    `parts`: one row per part (definition, mix, follow_up, immaturity, quality, chance): part, title, side,
    estimate, low, high (90 %, shares of the batch), p_harm and p_help (probability that it costs or brings
    more than 5 % of the baseline rate), state (named, excluded, neither, not judged), unshrunk (quality
    only), note. Baseline rate plus the estimates is the observed rate, exactly. `bridge`: one row per bar,
    from baseline to observed. `steps`: one row per rate of the chain. `facts`: counts, rates and settings by
    name. `answer`: causes named, ordinary variation, not enough evidence, or not judged. `sentences`: three,
    for the top of the page; `assumptions`: what all of it rests on, unrecorded reasons first.
    """

    parts: pd.DataFrame
    bridge: pd.DataFrame
    steps: pd.DataFrame
    facts: dict[str, Any]
    answer: str
    sentences: tuple[str, str, str]
    assumptions: tuple[str, ...]


def judge(
    population: pd.DataFrame,
    *,
    horizon_days: float,
    landmark_days: float,
    outcome: str,
    seed: int = 0,
    teams: tuple[str, str] = ("marketing", "sales"),
    of_one_owner: bool = False,
) -> Judged:
    """Return the verdict on the batch of a population: one row per hand-off, batch and baseline.

    Converted means: reached `outcome` within `horizon_days` of the hand-off, by as_of. Follow-up counts until
    `landmark_days`, the outcome or the exit. `teams`: who gave the leads, who received them; `of_one_owner`:
    the batch is defined by its owner, so that what is left may be how he handled it. The same rows in any
    order and the same seed give the same verdict. UsageError when no hand-off is in the batch; InputError
    when a column is missing or a hand-off doubled.
    """
    baseline, batch = samples(population, horizon_days=horizon_days, landmark_days=landmark_days)
    settings = {
        "horizon_days": horizon_days,
        "landmark_days": landmark_days,
        "seed": seed,
        "outcome": outcome,
    }
    why_not = _why_not(baseline, batch, horizon_days)
    weighed = Weighed(why_not=why_not)
    if why_not is None:
        # small matrices: threads would only wait for each other, most of all on a busy machine
        with threadpool_limits(limits=1, user_api="blas"):
            weighed = _weigh(baseline, batch, horizon_days=horizon_days, seed=seed)
    parts = table(weighed, baseline, batch, teams=teams, of_one_owner=of_one_owner)
    facts = settings | figures(weighed, baseline, batch)
    answer = words.answer(parts, facts)
    return Judged(
        parts=parts,
        bridge=bridge(parts, facts),
        steps=steps(weighed, facts),
        facts=facts,
        answer=answer,
        sentences=words.sentences(parts, facts, answer, why_not),
        assumptions=words.assumptions(parts, facts),
    )


def _why_not(baseline: Sample, batch: Sample, horizon: float) -> str | None:
    """Return why nothing can be judged, or None."""
    if not len(batch):
        return "for no hand-off of the batch is it known whether and when it converted"
    if not len(baseline):
        return "there is no baseline to compare it with"
    if not (baseline.age >= horizon).any():
        return f"no hand-off of the baseline has had {horizon:g} days"
    if not baseline.y.any():
        return "no hand-off of the baseline converted, so none can be missing from the batch"
    return None


def _weigh(baseline: Sample, batch: Sample, *, horizon_days: float, seed: int) -> Weighed:
    random = np.random.default_rng(seed)
    found = chain(baseline, batch, horizon_days=horizon_days)
    history = (found.history[:, 0], found.history[:, 1], baseline.group)
    prior = between(*history, extra=found.unseen_variance)
    moved = baseline_draws(found, baseline, random)
    error = yardstick_error(found, baseline)
    likelihood = shift(found.eta, found.seen, batch.y)
    shrunk, wide = posterior(likelihood, prior, error) if baseline.n_groups > 1 else (0.0, 0.0)
    told = drawn(found, baseline, moved, likelihood if baseline.n_groups > 1 else None, prior, random)
    return Weighed(
        chain=found,
        drawn=told,
        quality=shrunk,
        wide=wide,
        unshrunk=float(np.interp(likelihood.unshrunk, likelihood.grid, likelihood.rate)) - found.values["e4"],
        tau=float(np.sqrt(tau2(*history))),
        deviation=_deviation(found, prior, error, len(batch)),
    )


def _deviation(found: Chain, prior: Prior, error: float, n: int) -> float:
    """Return the standard deviation of an ordinary batch's observed rate around what is expected of it."""
    rate = found.leads[:, 3]
    chance = float((rate * (1 - rate)).mean()) / n
    return float(np.sqrt(chance + slope(found) ** 2 * (prior.variance + error**2)))
