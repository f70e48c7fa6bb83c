"""Disputes whose cause is known: a batch with planted causes, its baseline, and the true parts of its gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from benchmarks.verdict.company import HORIZON, Batch, Market, frame, leads, market, ordinary, taken, worked

CAUSES = ("definition", "mix", "quality", "follow_up", "immaturity")
PAIRS = tuple("+".join(pair) for pair in combinations(CAUSES, 2))
KINDS = (*CAUSES, "none", "none", "worst of 12", "worst of 12", *PAIRS)
SIZES = (30, 100, 300, 1000)
N_BATCHES, MEAN_SIZE, N_TRUE = 40, 150, 40_000


@dataclass(frozen=True)
class Simulated:
    """A dispute: its population, the causes planted, and what each part of the gap truly is."""

    kind: str
    n: int
    causes: frozenset[str]
    population: pd.DataFrame
    truth: dict[str, float]


def simulated(kind: str, seed: int, sizes: tuple[int, ...] = SIZES) -> Iterator[Simulated]:
    """Yield one dispute of a kind at each size; the same seed gives the same ones."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    company = market(random)
    causes = frozenset() if kind in ("none", "worst of 12") else frozenset(kind.split("+"))
    baseline = _baseline(company, random)
    batch = _planted(_row(ordinary(company, random, 1), 0), causes, random)
    youngest, oldest = (12, 50) if "immaturity" in causes else (95, 160)
    truth = _truth(company, batch, (youngest, oldest), seed)
    for n in sizes:
        age, others = random.uniform(youngest, oldest, n), []
        if kind == "worst of 12":
            batch, disputed, others = _worst(company, n, age, random)
            truth = _truth(company, batch, (youngest, oldest), seed)
        else:
            disputed = frame(company, batch, n, age, "disputed", random, is_disputed=True)
        population = pd.concat([baseline, *others, disputed], ignore_index=True)
        yield Simulated(kind, n, causes, population, truth)


def _baseline(company: Market, random: np.random.Generator) -> pd.DataFrame:
    history = ordinary(company, random, N_BATCHES)
    sizes = np.maximum(random.lognormal(np.log(MEAN_SIZE), 0.6, N_BATCHES), 20).astype(int)
    rows = np.repeat(np.arange(N_BATCHES), sizes)
    age = random.uniform(100, 400, len(rows))
    return frame(company, taken(history, rows), len(rows), age, rows, random, is_disputed=False)


def _row(batches: Batch, place: int) -> Batch:
    return taken(batches, np.array([place]))


def _worst(
    company: Market, n: int, age: np.ndarray, random: np.random.Generator
) -> tuple[Batch, pd.DataFrame, list[pd.DataFrame]]:
    """Return the batch of twelve that converted least, and the other eleven as baseline."""
    twelve = ordinary(company, random, 12)
    each = [
        frame(company, _row(twelve, place), n, age, f"rival{place}", random, is_disputed=True)
        for place in range(12)
    ]
    place = int(np.argmin([one["converted"].mean() for one in each]))
    disputed = each.pop(place)
    return _row(twelve, place), disputed, [one.assign(in_batch=False) for one in each]


def _planted(batch: Batch, causes: frozenset[str], random: np.random.Generator) -> Batch:
    strength = float(random.uniform(0.45, 1.3))
    if "definition" in causes:
        batch = replace(batch, violation=min(0.5 * strength, 0.8))
    if "mix" in causes:
        weak = np.array([0.02, 0.02, 0.5, 0.02, 0.02, 0.42])
        share = min(strength, 1.0)
        batch = replace(
            batch,
            channels=share * weak + (1 - share) * batch.channels,
            industries=share * np.array([0.05, 0.1, 0.1, 0.3, 0.45]) + (1 - share) * batch.industries,
            size=batch.size + 0.9 * strength,
        )
    if "quality" in causes:
        batch = replace(batch, shift=batch.shift - 1.0 * strength)
    if "follow_up" in causes:
        batch = replace(
            batch,
            skipped=batch.skipped + 2.0 * strength,
            slower=batch.slower + 1.3 * strength,
            lazier=batch.lazier + 0.5 * strength,
        )
    return batch


def _truth(company: Market, batch: Batch, ages: tuple[int, int], seed: int) -> dict[str, float]:
    """Return the parts in very many leads of such a batch, by common random numbers."""
    random = np.random.default_rng([seed, 1])
    many = ordinary(company, random, N_TRUE)
    given = leads(company, many, N_TRUE, random)
    base = worked(company, many, given, np.random.default_rng([seed, 2]))["converted"] <= HORIZON
    given_batch = leads(company, batch, N_TRUE, random)

    def rate(how: Batch, *, watched: np.ndarray | float = HORIZON) -> float:
        converted = worked(company, how, given_batch, np.random.default_rng([seed, 3]))["converted"]
        return float((converted <= watched).mean())

    e2, e3 = rate(many), rate(replace(batch, shift=many.shift))
    watched = np.minimum(random.uniform(*ages, N_TRUE), HORIZON)
    e4, full = rate(replace(batch, shift=many.shift), watched=watched), rate(batch, watched=watched)
    invalid = given["invalid"]
    worse = base[invalid].mean() - base[~invalid].mean()
    definition = float((given_batch["invalid"].mean() - invalid.mean()) * worse)
    return {
        "definition": definition,
        "mix": e2 - float(base.mean()) - definition,
        "follow_up": e3 - e2,
        "immaturity": e4 - e3,
        "quality": full - e4,
        "e0": float(base.mean()),
    }
