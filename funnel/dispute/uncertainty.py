"""Draws of the parts: baseline batches and the batch's leads reweighted, quality from its posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnel.dispute.chain import FIGURES, LEADS, Chain
from funnel.dispute.sample import Sample
from funnel.dispute.shrink import Prior, Shift, draws

Floats = NDArray[np.float64]

N_DRAWS = 4000
FEW_INVALID = 50
MANY_LEADS = 3000


@dataclass(frozen=True)
class Drawn:
    """Draws of each part, by its name; `matured` is the effect of quality once all had the horizon."""

    parts: dict[str, Floats]
    matured: Floats


def baseline_draws(chain: Chain, baseline: Sample, random: np.random.Generator) -> Floats:
    """Return a row per draw and a column per FIGURES: the errors that the baseline's batches make.

    The multiplier bootstrap: each batch gets an exponential weight. A baseline of one batch is drawn by lead.
    """
    return _multiplied(_by_batch(chain, baseline), random)


def yardstick_error(chain: Chain, baseline: Sample) -> float:
    """Return the standard deviation of the baseline's own error of E4, on the logit scale."""
    return float(np.sqrt((_by_batch(chain, baseline)[:, FIGURES.index("e4")] ** 2).sum())) / slope(chain)


def drawn(
    chain: Chain,
    baseline: Sample,
    moved: Floats,
    likelihood: Shift | None,
    prior: Prior,
    random: np.random.Generator,
) -> Drawn:
    """Return draws of the six parts, given those of the baseline's errors (`moved`)."""
    values, names = chain.values, {name: place for place, name in enumerate(FIGURES)}
    observed, matured = np.zeros(len(moved)), np.zeros(len(moved))
    if likelihood is not None:
        offset = moved[:, names["e4"]] / slope(chain)
        kept, observed, matured = draws(likelihood, prior, offset, random)
        moved = moved[kept]
    leads = _multiplied((chain.leads - chain.leads.mean(axis=0)) / len(chain.leads), random)
    own = dict(zip(LEADS, leads.T, strict=True))
    e0, e2, e3, e4 = (
        values[name] + moved[:, names[name]] + own.get(name, 0.0) for name in ("e0", "e2", "e3", "e4")
    )
    worse = _invalid(values, baseline, moved[:, names["mu_invalid"]], random)
    worse -= values["mu_valid"] + moved[:, names["mu_valid"]]
    share = values["w_batch"] + own["w_batch"] - values["w_base"] - moved[:, names["w_base"]]
    definition = np.nan_to_num(share * worse)
    parts = {
        "definition": definition,
        "mix": e2 - e0 - definition,
        "follow_up": e3 - e2,
        "immaturity": e4 - e3,
        "quality": observed,
        "chance": values["observed"] - values["e4"] - moved[:, names["e4"]] - observed,
    }
    return Drawn(parts, matured)


def _by_batch(chain: Chain, baseline: Sample) -> Floats:
    group, count = (baseline.group, baseline.n_groups)
    if count < 2:
        group, count = np.arange(len(baseline)), len(baseline)
    total = np.column_stack([np.bincount(group, column, minlength=count) for column in chain.influence.T])
    return np.asarray((total - total.mean(axis=0)) * np.sqrt(count / max(count - 1, 1)))


def slope(chain: Chain) -> float:
    """Return what a small shift of all logits makes of the expected rate."""
    rate = chain.leads[:, 2]
    return max(float((rate * (1 - rate) * chain.seen).mean()), 1e-9)


def _invalid(
    values: dict[str, float], baseline: Sample, moved: Floats, random: np.random.Generator
) -> Floats:
    """Return draws of what leads outside the definition convert at; from a Beta where they are few."""
    n = int(baseline.is_invalid.sum())
    if not 0 < n < FEW_INVALID:
        return np.asarray(values["mu_invalid"] + moved)
    converted = values["mu_invalid"] * n
    return random.beta(converted + 0.5, n - converted + 0.5, size=len(moved))


def _multiplied(rows: Floats, random: np.random.Generator) -> Floats:
    """Return sums of rows times (exponential weight - 1); by their covariance where rows are many."""
    if len(rows) > MANY_LEADS:
        values, vectors = np.linalg.eigh(rows.T @ rows)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.asarray(random.standard_normal((N_DRAWS, rows.shape[1])) @ root.T)
    return np.asarray((random.exponential(size=(N_DRAWS, len(rows))) - 1.0) @ rows)
