"""The re-work audit: work a random sample of the leads that nobody worked, and see whether they convert.

It tells a bad batch from a neglected one even if leads were skipped for a reason that nobody recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from funnel import number
from funnel.dispute.record import Audit
from funnel.dispute.sheet import answers
from funnel.errors import UsageError

LEVEL, POWER, DROP = 0.05, 0.80, 0.5
MOST = 20_000
HOW = (
    "Work each lead of the sample at the agreed cadence, then write yes or no into 'converted'. "
    "Every lead of the sample counts, also those that could not be reached."
)


@dataclass(frozen=True)
class Rework:
    """A random sample of never-worked leads and what its result will be able to show.

    `drawn`: one row per lead: number, lead_id, name, company, owner, handoff_id, converted (empty, to be
    filled in). `expected`: the share of baseline hand-offs with a human touch that reached the outcome
    within the horizon. `needed`: the leads that show a relative drop of `drop` with `power`; `reached`: the
    power of the sample as drawn; `n_pool`: never-worked leads that it was drawn from.
    """

    drawn: pd.DataFrame
    expected: float
    drop: float
    level: float
    power: float
    needed: int
    reached: float
    n_pool: int
    seed: int
    rule: str


@dataclass(frozen=True)
class Worked:
    """What a re-worked sample shows: n, n_converted, rate with its exact 95 % interval, and the test.

    `p_value`: probability of so few conversions or fewer if the leads were as good as usual (exact binomial,
    one-sided). `answer`: 'shown' (fewer than expected) or 'not shown'. `drop_low` and `drop_high`: the
    relative drops that the interval leaves open (negative: better than expected).
    """

    n: int
    n_converted: int
    rate: float
    low: float
    high: float
    expected: float
    p_value: float
    drop_low: float
    drop_high: float
    answer: str
    sentence: str


def power_of(n: int, *, expected: float, drop: float, level: float = LEVEL) -> float:
    """Return the power of the exact one-sided binomial test of `n` leads for a relative drop."""
    return float(_power(np.array([n]), expected, drop, level)[0])


def size(*, expected: float, drop: float, level: float = LEVEL, power: float = POWER) -> int:
    """Return the fewest leads that show a relative drop: exact binomial test, one-sided.

    At an expected 28 %, 112, 57 and 26 leads show a drop of 36, 50 and 70 %. UsageError for a rate or a drop
    outside (0, 1), or where more than 20,000 leads would be needed.
    """
    shares = {"An expected rate": expected, "A drop": drop, "A power": power, "A level": level}
    for name, share in shares.items():
        if not 0 < share < 1:
            raise UsageError(f"{name} of {share:g} cannot be tested. Give a share between 0 and 1.")
    n = np.arange(1, MOST + 1)
    enough = np.flatnonzero(_power(n, expected, drop, level) >= power)
    if not len(enough):
        raise UsageError(
            f"A drop of {drop * 100:g} % from an expected {expected * 100:.1f} % would need more than "
            f"{MOST:,} leads. Ask for a greater drop."
        )
    return int(n[enough[0]])


def rework(
    audit: Audit, *, drop: float = DROP, power: float = POWER, level: float = LEVEL, seed: int = 0
) -> Rework:
    """Return a random sample of the batch's never-worked leads, as many as show the drop (or all there are).

    Never worked: no human touch from the hand-off on, not converted, the source records activities.
    UsageError when there are none, or when the baseline does not tell what to expect.
    """
    pool = _never_worked(audit)
    if not len(pool):
        raise UsageError(
            "No lead of the batch was left unworked on record, so there is nothing to work again."
        )
    expected = _expected(audit)
    needed = size(expected=expected, drop=drop, level=level, power=power)
    n = min(needed, len(pool))
    chosen = np.random.default_rng(seed).permutation(len(pool))[:n]
    drawn = pool.iloc[chosen].reset_index(drop=True)
    columns = ["lead_id", "name", "company", "owner", "handoff_id"]
    drawn = drawn[columns].assign(converted="")
    drawn.insert(0, "number", np.arange(1, n + 1))
    reached = power_of(n, expected=expected, drop=drop, level=level)
    rule = _rule(n, len(pool), expected, drop, reached, level, seed)
    return Rework(drawn, expected, drop, level, power, needed, reached, len(pool), seed, rule)


def worked(planned: Rework, results: pd.DataFrame) -> Worked:
    """Return what the results of a re-worked sample show; `results` has lead_id and converted (yes or no).

    InputError when a lead of the sample is missing, is there twice, was not drawn, or has no answer.
    """
    from scipy.stats import binom
    from statsmodels.stats.proportion import proportion_confint

    told = answers(planned.drawn, results, column="converted", words=("yes", "no"))
    n, hits = len(told), int((told == "yes").sum())
    low, high = (float(limit) for limit in proportion_confint(hits, n, alpha=0.05, method="beta"))
    low, high = (0.0 if hits == 0 else low), (1.0 if hits == n else high)
    p_value = float(binom.cdf(hits, n, planned.expected))
    answer = "shown" if p_value <= planned.level else "not shown"
    drops = (1 - high / planned.expected, 1 - low / planned.expected)
    said = (
        f"{number.count(hits)} of {number.count(n)} re-worked leads converted: "
        f"{number.rate_with_interval(hits / n, low, high, n)}; expected of worked leads: "
        f"{number.rate(planned.expected)}. Fewer than expected: {answer} (p = {p_value:.3f}, one-sided)."
    )
    return Worked(n, hits, hits / n, low, high, planned.expected, p_value, *drops, answer, said)


def _power(n: np.ndarray, expected: float, drop: float, level: float) -> np.ndarray:
    """Return P(X <= c | dropped) with c the most conversions that the test at `level` takes as fewer."""
    from scipy.stats import binom

    most = binom.ppf(level, n, expected)
    most = np.where(binom.cdf(most, n, expected) <= level, most, most - 1)
    return np.where(most >= 0, binom.cdf(most, n, expected * (1 - drop)), 0.0)


def _never_worked(audit: Audit) -> pd.DataFrame:
    batch = audit.population[audit.population["in_batch"]].set_index("handoff_id")
    followed = audit.leads["handoff_id"].map(batch["is_followed"]).astype(bool)
    leads = audit.leads[followed & (audit.leads["n_touches"] == 0) & (audit.leads["state"] != "converted")]
    latest = leads.sort_values(["handed_at", "handoff_id"]).drop_duplicates("lead_id", keep="last")
    return latest.sort_values("handoff_id")


def _expected(audit: Audit) -> float:
    rows, horizon = audit.population, audit.asked.horizon_days
    rows = rows[~rows["in_batch"] & rows["touch_hours"].notna() & rows["converted"].notna()]
    rows = rows[rows["age_days"] >= horizon]
    within = rows["converted"].astype(bool) & (rows["days_to_outcome"] <= horizon)
    if not len(rows) or not within.any():
        raise UsageError(
            "No worked hand-off of the baseline converted, so nothing says what to expect. "
            "Name another baseline."
        )
    return float(within.mean())


def _rule(n: int, pool: int, expected: float, drop: float, reached: float, level: float, seed: int) -> str:
    return (
        f"{number.count(n)} of {number.count(pool)} never-worked leads, drawn at random (seed {seed}). "
        f"Expected of worked leads: {number.rate(expected)}. A drop of {drop * 100:.0f} % is shown with a "
        f"probability of {reached * 100:.0f} % (exact binomial test, one-sided, {level * 100:g} %). {HOW}"
    )
