"""A population of hand-offs whose causes are stated: for tests of the verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd


def rows(n: int, name: str, seed: int, **effect: float) -> pd.DataFrame:
    """Return n hand-offs of an ordinary batch, changed by what is given.

    shift: logits of all (quality); invalid: share below the definition; low: share from the weak channel;
    untouched: share never touched; age: days.
    """
    random = np.random.default_rng(seed)
    invalid = random.random(n) < effect.get("invalid", 0.05)
    weak = random.random(n) < effect.get("low", 0.3)
    untouched = random.random(n) < effect.get("untouched", 0.15)
    hours = np.where(untouched, np.nan, random.exponential(6.0, n))
    touches = np.where(untouched, 0, 1 + random.poisson(2.0, n))
    logits = -0.4 - 1.6 * invalid - 1.3 * weak - 1.8 * untouched - 0.02 * np.nan_to_num(hours)
    logits = logits + 0.1 * touches + effect.get("shift", 0.0)
    converts = random.random(n) < 1 / (1 + np.exp(-logits))
    age, days = effect.get("age", 200.0), 16.0 + random.gamma(2.0, 12.0, n)
    seen = converts & (days <= age)
    return pd.DataFrame(
        {
            "handoff_id": [f"{name}-{i:05d}" for i in range(n)],
            "batch_key": name,
            "age_days": age,
            "converted": seen,
            "days_to_outcome": np.where(seen, days, np.nan),
            "met_definition": ~invalid,
            "score": np.where(invalid, 40.0, 70.0) + random.normal(0.0, 5.0, n),
            "channel": np.where(weak, "Content", "Webinar"),
            "touch_hours": hours,
            "n_touches": touches,
            "is_followed": True,
            "exit_days": np.nan,
        }
    )


def population(
    n: int = 400, *, seed: int = 7, batches: int = 30, size: int = 150, **effect: float
) -> pd.DataFrame:
    """Return a batch of n with the effect, and a baseline of ordinary batches that differ a little."""
    shifts = np.random.default_rng(seed).normal(0.0, 0.1, batches)
    history = [rows(size, f"b{k:02d}", seed * 1000 + k, shift=shift) for k, shift in enumerate(shifts)]
    disputed = rows(n, "disputed", seed * 1000 + 999, **effect)
    return pd.concat(
        [pd.concat(history).assign(in_batch=False), disputed.assign(in_batch=True)], ignore_index=True
    )
