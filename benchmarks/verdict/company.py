"""A company whose leads are called, reached, qualified and lost one event after another.

Nothing here is a regression: attempts have times, a call reaches a lead or not, chances fade with waiting
(at a pace of each channel), firms of medium size fit best, some channels suit some industries only.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Generator = np.random.Generator

HORIZON, LANDMARK = 90.0, 14.0
CHANNELS = ("Webinar", "Paid search", "Content", "Event", "Referral", "Outbound")
INDUSTRIES = ("software", "logistics", "health", "retail", "public")
REGIONS = ("north", "south", "east")
CHANNEL_FIT = np.array([0.1, 0.3, -0.7, 0.2, 0.8, -0.5])
INDUSTRY_FIT = np.array([0.5, 0.2, 0.0, -0.4, -0.8])
CHANNEL_SHARE = np.array([0.2, 0.25, 0.25, 0.1, 0.08, 0.12])
INDUSTRY_SHARE = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
FADES_AFTER = np.array([9.0, 4.0, 14.0, 7.0, 25.0, 12.0])  # days of waiting, by channel
DAYS_PER_HOUR = 7 / 40  # of working time
ATTEMPTS = 9


@dataclass(frozen=True)
class Market:
    """What holds in one company; every dispute has another one."""

    fit: Floats  # channel x industry
    curve: float
    intercept: float
    reps: Floats  # diligence
    violation: float
    spread: float  # of batches


@dataclass(frozen=True)
class Batch:
    """How a batch differs: its mix, its violations, how it is worked, an unrecorded shift.

    Mixes are a row per lead or one for all; so are the other traits.
    """

    channels: Floats
    industries: Floats
    size: Floats | float
    violation: Floats | float
    skipped: Floats | float
    slower: Floats | float
    lazier: Floats | float
    shift: Floats | float


def market(random: Generator) -> Market:
    """Return a company."""
    fit = CHANNEL_FIT[:, None] + INDUSTRY_FIT[None, :] + random.normal(0, 0.35, (6, 5))
    return Market(
        fit=fit,
        curve=float(random.uniform(0.15, 0.4)),
        intercept=float(random.normal(-0.2, 0.25)),
        reps=random.normal(0, 0.5, 12),
        violation=float(random.uniform(0.03, 0.1)),
        spread=float(random.choice([0.0, 0.15, 0.3])),
    )


def ordinary(company: Market, random: Generator, count: int) -> Batch:
    """Return the traits of ordinary batches, a row each: they differ a little in all."""
    return Batch(
        channels=random.dirichlet(40 * CHANNEL_SHARE, count),
        industries=random.dirichlet(40 * INDUSTRY_SHARE, count),
        size=random.normal(5.3, 0.1, count),
        violation=np.clip(company.violation * random.lognormal(0, 0.3, count), 0, 0.3),
        skipped=random.normal(0, 0.25, count),
        slower=random.normal(0, 0.2, count),
        lazier=random.normal(0, 0.1, count),
        shift=random.normal(0, company.spread, count),
    )


def taken(batches: Batch, rows: NDArray[np.int64]) -> Batch:
    """Return the traits of some rows, so that each lead may have those of its own batch."""
    return Batch(**{one.name: getattr(batches, one.name)[rows] for one in fields(Batch)})


def leads(company: Market, batch: Batch, n: int, random: Generator) -> dict[str, NDArray]:
    """Return what is known of n leads at their hand-off, and their unrecorded prospects."""
    channel, industry = _one_of(batch.channels, n, random), _one_of(batch.industries, n, random)
    invalid = random.random(n) < batch.violation
    employees = np.exp(random.normal(batch.size, 1.2, n))
    too_small = invalid & (random.random(n) < 0.6)
    employees = np.where(too_small, random.uniform(1, 49, n), np.clip(employees, 50, 5000))
    fit = company.fit[channel, industry] - company.curve * (np.log(employees) - 5.6) ** 2
    person = random.normal(0, 0.7, n)
    score = 62 + 9 * fit + 7 * person + random.normal(0, 8, n)
    score = np.where(invalid & ~too_small, random.uniform(20, 59, n), np.clip(score, 60, 100))
    quality = company.intercept + fit + 0.5 * person - 0.9 * invalid
    return {
        "channel": channel,
        "industry": industry,
        "region": random.choice(3, n, p=[0.5, 0.3, 0.2]),
        "employees": employees,
        "score": np.where(random.random(n) < 0.04, np.nan, score),
        "completeness": np.clip(random.normal(0.8 - 0.2 * invalid, 0.1, n), 0, 1),
        "invalid": invalid,
        "quality": quality,
        "rep": random.integers(12, size=n),
    }


def worked(company: Market, batch: Batch, given: dict[str, NDArray], random: Generator) -> dict[str, Floats]:
    """Return what becomes of leads: first touch, touches, exit and conversion, in days from the hand-off."""
    n = len(given["score"])
    diligence, eager = company.reps[given["rep"]], (np.nan_to_num(given["score"], nan=60) - 70) / 15
    skipped = random.random(n) < _logistic(-2.2 + batch.skipped - 0.5 * eager - 0.7 * diligence)
    hours = np.exp(random.normal(1.5 + batch.slower - 0.25 * eager - 0.4 * diligence, 1.1, n))
    start = hours * DAYS_PER_HOUR
    apart = np.random.default_rng(random.integers(2**32))
    planned = 1 + apart.poisson(np.exp(1.3 - batch.lazier + 0.25 * diligence), n)
    gaps = random.gamma(2.0, 1.1, (n, ATTEMPTS - 1))
    times = np.column_stack([start, start[:, None] + np.cumsum(gaps, axis=1)])
    made = (np.arange(ATTEMPTS) < np.minimum(planned, ATTEMPTS)[:, None]) & ~skipped[:, None]
    fading = np.exp(-times / (3 * FADES_AFTER[given["channel"]])[:, None])
    reached = made & (random.random((n, ATTEMPTS)) < 0.42 * fading + 0.05)
    place = np.where(reached.any(axis=1), reached.argmax(axis=1), -1)
    met = np.where(place >= 0, times[np.arange(n), place], np.inf)
    qualifies = random.random(n) < _logistic(given["quality"] + batch.shift + 0.4)
    pace = np.where(given["employees"] > 600, 14.0, 7.0) * np.where(given["channel"] == 4, 0.6, 1.0)
    converted = np.where(qualifies, met + random.gamma(1.6, pace), np.inf)
    alone = random.random(n) < 0.06 * _logistic(given["quality"] + batch.shift)
    converted = np.where(alone, np.minimum(converted, random.exponential(25, n)), converted)
    last = np.where(made.any(axis=1), np.max(np.where(made, times, 0), axis=1), np.inf)
    told = np.where(
        np.isfinite(met) & ~qualifies & (random.random(n) < 0.75), met + random.exponential(2, n), np.inf
    )
    given_up = np.where(np.isfinite(last) & (place < 0) & (random.random(n) < 0.5), last + 3, np.inf)
    at_sight = np.where(random.random(n) < 0.02 + 0.10 * given["invalid"], random.exponential(1.0, n), np.inf)
    exit_at = np.minimum.reduce([told, given_up, at_sight])
    converted = np.where(at_sight < np.minimum(met, converted), np.inf, converted)
    exit_at = np.where(converted < np.inf, np.inf, exit_at)
    later = met[:, None] + np.cumsum(random.gamma(2.0, 1.5, (n, 6)), axis=1)
    every = np.column_stack([np.where(made & (times <= met[:, None]), times, np.inf), later])
    return {
        "touches": every,
        "hours": hours,
        "start": start,
        "exit": exit_at,
        "is_given_up": given_up <= exit_at,
        "converted": converted,
    }


def frame(
    company: Market, batch: Batch, n: int, age: Floats, name: Any, random: Generator, *, is_disputed: bool
) -> pd.DataFrame:
    """Return n hand-offs as a population holds them, seen at these ages; `name` one for all or one each."""
    given = leads(company, batch, n, random)
    events = worked(company, batch, given, random)
    seen, left = events["converted"] <= age, events["exit"] <= age
    days = np.where(seen, events["converted"], np.nan)
    exits = np.where(left, events["exit"], np.nan)
    end = np.fmin(np.fmin(np.minimum(LANDMARK, age), days), exits)
    before = events["touches"] < end[:, None]
    touched = before.any(axis=1)
    return pd.DataFrame(
        {
            "handoff_id": [f"{is_disputed:d}{name if is_disputed else ''}-{place}" for place in range(n)],
            "in_batch": is_disputed,
            "batch_key": name,
            "age_days": age,
            "converted": seen,
            "days_to_outcome": days,
            "met_definition": ~given["invalid"],
            "score": given["score"],
            "completeness": given["completeness"],
            "employees": given["employees"],
            "channel": np.array(CHANNELS, dtype=object)[given["channel"]],
            "industry": np.array(INDUSTRIES, dtype=object)[given["industry"]],
            "region": np.array(REGIONS, dtype=object)[given["region"]],
            "is_followed": True,
            "touch_hours": np.where(touched, events["hours"], np.nan),
            "n_touches": before.sum(axis=1),
            "exit_days": exits,
            "exit": np.where(left & ~seen, np.where(events["is_given_up"], "recycled", "rejected"), None),
        }
    )


def _one_of(shares: Floats, n: int, random: Generator) -> NDArray[np.int64]:
    edges = np.cumsum(np.broadcast_to(shares, (n, shares.shape[-1])), axis=1)
    return np.minimum((random.random(n)[:, None] > edges).sum(axis=1), shares.shape[-1] - 1)


def _logistic(value: Floats) -> Floats:
    return 1 / (1 + np.exp(-value))
