"""What sales writes down of a pass, which is not always what happened."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo.chance import stream
from funnel.demo.clock import NEVER, after_working_hours
from funnel.demo.decision import BAD_DATA, NO_BUDGET, OPEN, REASONS, RECYCLED, REJECTED
from funnel.demo.team import SALES, assign

NOT_A_FIT = REASONS.index("Not a fit")


def record(passes: pd.DataFrame, user: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Add what the CRM will say of each pass: exit and reason, skipped stages, visits backwards, executive.

    Columns added: recorded_exit, reason (NEVER when missing), no_reason, contradicts (bad contact data,
    though the person answered), wrong_exit (no budget, closed as rejected), skips_accepted, skips_sql,
    goes_back, marks_working, executive, given_at (when the executive got it).
    """
    rng, n = stream(seed, "records"), len(passes)
    fate, reason = passes["exit"].to_numpy(), passes["true_reason"].to_numpy()
    u = rng.random(n)
    rejected, answered = fate == REJECTED, passes["connected"].to_numpy()
    passes["contradicts"] = rejected & answered & (u < 0.07)
    lazy = rejected & ~passes["contradicts"] & (u > 0.90)
    reason = np.where(passes["contradicts"], BAD_DATA, np.where(lazy, NOT_A_FIT, reason))
    passes["no_reason"] = (fate != OPEN) & (rng.random(n) < 0.08)
    passes["reason"] = np.where(passes["no_reason"], NEVER, reason)
    passes["wrong_exit"] = (fate == RECYCLED) & (passes["reason"] == NO_BUDGET) & (rng.random(n) < 0.12)
    passes["recorded_exit"] = np.where(passes["wrong_exit"], REJECTED, fate)
    qualified = passes["sql_at"].to_numpy() != NEVER
    passes["skips_accepted"] = qualified & (rng.random(n) < 0.06)
    passes["skips_sql"] = (passes["opportunity_at"].to_numpy() != NEVER) & (rng.random(n) < 0.05)
    passes["goes_back"] = (passes["accepted_at"].to_numpy() != NEVER) & (rng.random(n) < 0.02)
    passes["marks_working"] = (passes["first_at"].to_numpy() != NEVER) & (rng.random(n) < 0.45)
    _executive(passes, user, rng)
    return passes


def _executive(passes: pd.DataFrame, user: pd.DataFrame, rng: np.random.Generator) -> None:
    region, sql_at = passes["region"].to_numpy(), passes["sql_at"].to_numpy()
    given = after_working_hours(sql_at.clip(0), region, rng.exponential(0.4, len(passes))) + 1
    passes["given_at"] = np.where(sql_at == NEVER, NEVER, given)
    at = np.where(sql_at == NEVER, passes["mql_at"], given)
    passes["executive"] = assign(user, SALES, region, at, rng.random(len(passes)))
    latest = passes[["opportunity_at", "given_at"]].max(axis=1) + 60
    passes["opportunity_at"] = np.where(passes["opportunity_at"] == NEVER, NEVER, latest)


def last_words(passes: pd.DataFrame) -> pd.Series:
    """Return the user who closes each pass: the executive once it is qualified, else the first owner."""
    return passes["executive"].where(passes["sql_at"] != NEVER, passes["owner"])
