"""What sales development does with a hand-off: never, late, soon; once or many times."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo import model
from funnel.demo.chance import stream
from funnel.demo.clock import DAY, Floats, Ints, after_working_hours, is_off_hours
from funnel.demo.dispute import Dispute

MOST_ATTEMPTS = 9
_NEGLECTED = {"neglect": 4.4, "speed": -5.5, "persistence": -5.0}  # of the disputed batch, in habits


def follow_up(passes: pd.DataFrame, user: pd.DataFrame, batch: Dispute, seed: int, turn: str) -> pd.DataFrame:
    """Add how each pass is worked: never, hours (working, to first touch), n_attempts, worked (0 to 1)."""
    rng, n = stream(seed, f"follow-up {turn}"), len(passes)
    region, at = passes["region"].to_numpy(), passes["assigned_at"].to_numpy()
    off, load = is_off_hours(at, region), _load(passes["owner"].to_numpy(), at)
    habit = {name: _habit(name, passes, user, batch) for name in _NEGLECTED}
    intent = passes["intent"].to_numpy()
    passes["never"] = rng.random(n) < model.p_never(habit["neglect"], off, load, passes["is_demo"].to_numpy())
    passes["hours"] = model.touch_hours(rng.normal(0, 1, n), habit["speed"], region, off, load, at).clip(
        0.02, 170
    )
    more = model.p_more(habit["persistence"], intent)
    n_attempts = 1 + np.floor(np.log(1 - rng.random(n)) / np.log(more)).clip(0, MOST_ATTEMPTS - 1).astype(
        np.int64
    )
    passes["n_attempts"] = np.where(passes["never"], 0, n_attempts)
    passes["worked"] = model.effort(passes["n_attempts"].to_numpy(), passes["hours"].to_numpy())
    return passes


def _habit(name: str, passes: pd.DataFrame, user: pd.DataFrame, batch: Dispute) -> Floats:
    usual = user[name].to_numpy()[passes["owner"]]
    shift = _NEGLECTED[name] if batch.has("follow-up") else 0.0
    return np.asarray(usual + shift * passes["is_batch"].to_numpy())


def _load(owner: Ints, at: Ints) -> Floats:
    week = at // (7 * DAY)
    key = owner * 10_000 + week - week.min(initial=0)
    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    return np.clip(count / count.mean(), 0.4, 2.5)[place] if len(owner) else np.ones(0)


def attempts(passes: pd.DataFrame, seed: int, turn: str) -> pd.DataFrame:
    """Return one row per attempt of a pass: pass (its row), attempt 0, 1, ..., and the instant.

    Working days lie between attempts; the first comes at the pass's hours to first touch.
    """
    rng = stream(seed, f"attempts {turn}")
    n = passes["n_attempts"].to_numpy()
    row = np.repeat(np.arange(len(passes)), n)
    first = np.cumsum(n) - n
    number = np.arange(len(row)) - first[row]
    gap = np.where(number == 0, 0.0, np.exp(rng.normal(np.log(10.0), 0.8, len(row))))
    total = np.cumsum(gap)
    since = total - total[first[row]] if len(row) else total
    assigned, region = passes["assigned_at"].to_numpy()[row], passes["region"].to_numpy()[row]
    at = after_working_hours(assigned, region, passes["hours"].to_numpy()[row] + since)
    return pd.DataFrame({"pass": row, "attempt": number, "at": at + rng.integers(0, 60, len(row))})
