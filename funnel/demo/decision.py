"""What becomes of a hand-off: accepted, qualified, an opportunity; rejected, recycled, or nothing at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo import model
from funnel.demo.chance import stream
from funnel.demo.clock import NEVER, Flags, Floats, Ints, after_working_hours
from funnel.demo.dispute import Dispute
from funnel.demo.market import PERSONAS

OPEN, REJECTED, RECYCLED = range(3)
REASONS = (
    "Wrong person",
    "Competitor",
    "Bad contact data",
    "Student",
    "Not a fit",
    "No budget",
    "No timeline",
)
HIDDEN_HARM = 1.1  # what a fault of quality takes from intent, unseen by the score
NO_BUDGET, NO_TIMELINE, BAD_DATA = 5, 6, 2


def decide(passes: pd.DataFrame, attempt: pd.DataFrame, batch: Dispute, seed: int, turn: str) -> pd.DataFrame:
    """Add the fate of each pass and its instants (NEVER where it did not come to that).

    Columns added: connected, connected_at, first_at, last_at, accepted_at, sql_at, opportunity_at, exit
    (OPEN, REJECTED, RECYCLED), exit_at, true_reason (a code of REASONS).
    """
    rng, n = stream(seed, f"decisions {turn}"), len(passes)
    intent, worked = passes["intent"].to_numpy(), passes["worked"].to_numpy()
    passes["connected"] = rng.random(n) < model.p_connected(intent, worked)
    _touches(passes, attempt, rng)
    connected = passes["connected"].to_numpy()
    accepted = rng.random(n) < model.p_accepted(intent, connected, worked)
    icp, large = passes["is_icp"].to_numpy(), passes["is_large"].to_numpy()
    sql = accepted & (rng.random(n) < model.p_sql(intent, worked, icp, large))
    opportunity = sql & (rng.random(n) < model.p_opportunity(intent))
    _advance(passes, accepted, sql, opportunity, rng)
    _leave(passes, accepted, sql, opportunity, batch, rng)
    passes["true_reason"] = _true_reason(passes, rng)
    return passes


def _touches(passes: pd.DataFrame, attempt: pd.DataFrame, rng: np.random.Generator) -> None:
    n, at = passes["n_attempts"].to_numpy(), attempt["at"].to_numpy()
    start = np.cumsum(n) - n
    answered = start + (rng.random(len(passes)) * n).astype(np.int64)
    padded = np.append(at, NEVER)
    touched = n > 0
    passes["first_at"] = np.where(touched, padded[start], NEVER)
    passes["last_at"] = np.where(touched, padded[start + n - 1], NEVER)
    passes["connected_at"] = np.where(passes["connected"], padded[np.minimum(answered, len(at))], NEVER)


def _later(passes: pd.DataFrame, since: Ints, hours: Floats) -> Ints:
    return after_working_hours(since, passes["region"].to_numpy(), hours) + np.arange(len(since)) % 59


def _advance(
    passes: pd.DataFrame, accepted: Flags, sql: Flags, opportunity: Flags, rng: np.random.Generator
) -> None:
    n, assigned = len(passes), passes["assigned_at"].to_numpy()
    touched = np.where(passes["connected"], passes["connected_at"], passes["first_at"])
    since = np.where(touched == NEVER, assigned, touched)
    at = _later(passes, since, rng.exponential(4.0, n) + 0.02)
    sql_at = _later(passes, at, np.exp(rng.normal(np.log(52.0), 0.9, n)))
    opportunity_at = _later(passes, sql_at, np.exp(rng.normal(np.log(32.0), 0.8, n)))
    passes["accepted_at"] = np.where(accepted, at, NEVER)
    passes["sql_at"] = np.where(sql, sql_at, NEVER)
    passes["opportunity_at"] = np.where(opportunity, opportunity_at, NEVER)


def _leave(
    passes: pd.DataFrame,
    accepted: Flags,
    sql: Flags,
    opportunity: Flags,
    batch: Dispute,
    rng: np.random.Generator,
) -> None:
    n, u = len(passes), rng.random(len(passes))
    touched = passes["first_at"].to_numpy() != NEVER
    unseen = 0.45 if batch.has("follow-up") else 0.16
    rejects = np.where(touched, np.where(accepted, 0.33, 0.46), np.where(passes["is_batch"], unseen, 0.16))
    recycles = np.where(touched, np.where(accepted, 0.27, 0.24), 0.02)
    fate = np.where(u < rejects, REJECTED, np.where(u < rejects + recycles, RECYCLED, OPEN))
    passes["exit"] = np.where(opportunity, OPEN, fate)
    hours = np.where(accepted | sql, np.exp(rng.normal(np.log(95.0), 0.7, n)), 0.5 + rng.exponential(12.0, n))
    hours = np.where(touched, hours, np.exp(rng.normal(np.log(45.0), 0.8, n)))
    latest = passes[["assigned_at", "last_at", "accepted_at", "sql_at"]].max(axis=1).to_numpy()
    passes["exit_at"] = np.where(passes["exit"] == OPEN, NEVER, _later(passes, latest, hours))


def _true_reason(passes: pd.DataFrame, rng: np.random.Generator) -> Ints:
    n = len(passes)
    rejected = np.array([0, 1, 4])[rng.choice(3, n, p=[0.42, 0.13, 0.45])]
    rejected = np.where(passes["address"].to_numpy() != 0, BAD_DATA, rejected)
    rejected = np.where(
        passes["persona"].to_numpy() == PERSONAS.index("Student"), REASONS.index("Student"), rejected
    )
    bad_phone = ~passes["connected"].to_numpy() & (rng.random(n) < 0.12)
    rejected = np.where(bad_phone, BAD_DATA, rejected)
    recycled = np.where(rng.random(n) < 0.55, NO_BUDGET, NO_TIMELINE)
    fate = passes["exit"].to_numpy()
    return np.where(fate == REJECTED, rejected, np.where(fate == RECYCLED, recycled, NEVER))
