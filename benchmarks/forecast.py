"""How often the forecast of a young cohort holds what it says: coverage on simulated cohorts, fixed seeds.

Each world has sixteen monthly cohorts of one size. The youngest is forecast a number of days after it began,
then its window is unrolled to the end. `python benchmarks/forecast.py [WORLDS]` prints a markdown table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from funnel import ladder
from funnel.metrics.forecast import APART, ODDS

WINDOW, SPAN, COHORTS = 60, 30, 16
MANY = 30
SIZES, AGES = (20, 60, 200), (10, 25, 45)
Draw = Callable[[np.random.Generator, int], np.ndarray]


@dataclass(frozen=True)
class Shape:
    """A world: how long conversions take (days), the rate of each cohort, how much its delay is its own."""

    name: str
    delay: Draw
    first_rate: float = 0.25
    last_rate: float = 0.25
    spread: float = 0.0


SHAPES = (
    Shape("quick (exponential, mean 6 d)", lambda chance, n: chance.exponential(6, n)),
    Shape("slow (log-normal, median 18 d)", lambda chance, n: chance.lognormal(np.log(18), 0.7, n)),
    Shape(
        "two waves (3 d and 35 d)",
        lambda chance, n: np.where(chance.random(n) < 0.5, chance.exponential(3, n), chance.normal(35, 5, n)),
    ),
    Shape("steady (uniform)", lambda chance, n: chance.uniform(0, WINDOW, n)),
    Shape(
        "slow, rate drifts from 35 to 15 %",
        lambda chance, n: chance.lognormal(np.log(18), 0.7, n),
        0.35,
        0.15,
    ),
    Shape("slow, rate 5 %", lambda chance, n: chance.lognormal(np.log(18), 0.7, n), 0.05, 0.05),
    Shape(
        "slow, each cohort its own pace", lambda chance, n: chance.lognormal(np.log(18), 0.7, n), spread=0.15
    ),
    Shape("slow, paces far apart", lambda chance, n: chance.lognormal(np.log(18), 0.7, n), spread=0.4),
)


@dataclass(frozen=True)
class Score:
    """What one forecast was worth: both intervals held the truth, width of the first, error of the rate."""

    holds_rate: bool
    holds_count: bool
    width: float
    error: float
    seen_share: float
    is_refused: bool


def worlds(shape: Shape, size: int, age: int, n: int) -> Iterator[Score]:
    """Yield the score of the youngest cohort in each of n worlds; it began `age` days ago."""
    for seed in range(n):
        yield _world(np.random.default_rng([seed, size, age]), shape, size, age)


def _world(chance: np.random.Generator, shape: Shape, size: int, age: int) -> Score:
    rates = np.linspace(shape.first_rate, shape.last_rate, COHORTS)
    entered = np.arange(COHORTS)[:, None] * SPAN + chance.uniform(0, SPAN, (COHORTS, size))
    until = (COHORTS - 1) * SPAN + age
    watched = np.floor(np.clip(until - entered, -1, WINDOW)).astype(int)
    pace = np.exp(chance.normal(0, shape.spread, (COHORTS, 1)))
    delay = _within(chance, shape, np.broadcast_to(pace, (COHORTS, size)))
    converts = chance.random((COHORTS, size)) < rates[:, None]
    seen = converts & (delay <= watched)
    here = watched >= 0
    cohorts = ladder.Cohorts(_cells(watched, here), _cells(delay, seen), _cells(watched, seen))
    steps = ladder.ladder(cohorts)
    mature = cohorts.converted[watched.min(axis=1) == WINDOW]
    apart, odds = ladder.spread_of_pace(mature, steps.growth)
    found = ladder.forecast(steps, cohorts.watched[-1], cohorts.settled[-1])
    truth = int((converts & here)[-1].sum())
    return Score(
        found.low <= rates[-1] <= found.high,
        found.expected_low <= truth <= found.expected_high,
        found.high - found.low,
        found.rate - rates[-1],
        found.seen_share,
        odds < ODDS and apart > APART,
    )


def _within(chance: np.random.Generator, shape: Shape, pace: np.ndarray) -> np.ndarray:
    """Return delays in days, drawn again until they lie within the window."""
    delay = np.full(pace.shape, np.inf)
    while (late := ~((delay >= 0) & (delay <= WINDOW))).any():
        delay[late] = shape.delay(chance, int(late.sum())) * pace[late]
    return np.ceil(delay).astype(int)


def _cells(cell: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    table = np.zeros((COHORTS, WINDOW + 1))
    rows = np.broadcast_to(np.arange(COHORTS)[:, None], cell.shape)
    np.add.at(table, (rows[chosen], np.clip(cell, 0, WINDOW)[chosen]), 1)
    return table


def main(n: int) -> None:
    print("| delay | members | days | rate held | count held | width | error | no rate | no common pace |")
    print("|---|---|---|---|---|---|---|---|---|")
    for shape, size, age in product(SHAPES, SIZES, AGES):
        scores = list(worlds(shape, size, age, n))
        refused = sum(one.is_refused for one in scores)
        scores = [one for one in scores if not one.is_refused]
        told = [one.error for one in scores if one.seen_share >= 0.1]
        kept = max(len(scores), 1)
        held = [sum(one.holds_rate for one in scores), sum(one.holds_count for one in scores)]
        cells = [
            *(f"{n_held / kept:.2f}" if scores else "–" for n_held in held),
            f"{sum(one.width for one in scores) / kept:.2f}" if scores else "–",
            f"{np.mean(told):+.3f}" if len(told) > MANY else "–",
            f"{1 - len(told) / kept:.2f}" if scores else "–",
            f"{refused / n:.2f}",
        ]
        print(f"| {shape.name} | {size} | {age} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
