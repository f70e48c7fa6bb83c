"""From engagement to hand-off: the score, who is handed over, to whom, and when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo.chance import stream
from funnel.demo.clock import AS_OF, DAY, HOUR, NEVER, Flags, Ints
from funnel.demo.dispute import Dispute
from funnel.demo.model import LEAD_TYPES, noticed_score, threshold
from funnel.demo.team import DEVELOPMENT, assign

_AT_ONCE = (0.75, 0.7, 0.15, 0.12, 0.55)  # by lead type: the score jumps within minutes
_BY_HAND = 0.05  # handed over although the definition is not met


def score(lead: pd.DataFrame, batch: Dispute, seed: int) -> pd.DataFrame:
    """Add what marketing sees of each lead: when its score settles, at what, and whether it is handed over.

    Columns added: settled_at, first_score, score, met (the definition in force, by the values known then),
    mql_at (NEVER if not handed over before the end).
    """
    rng, n = stream(seed, "scores"), len(lead)
    lead["settled_at"] = lead["created_at"] + _settling(lead, rng)
    settled = lead["settled_at"].to_numpy()
    lead["score"] = noticed_score(lead["seen"].to_numpy(), rng.normal(0, 1, n), settled)
    rise = np.where(rng.random(n) < 0.45, 0, rng.integers(4, 28, n))
    lead["first_score"] = np.maximum(lead["score"] - rise, 0)
    known = np.where(_enriched(lead, settled), lead["is_icp"], lead["entered_icp"])
    lead["met"] = known & (lead["score"] >= threshold(settled)) & (lead["address"] == 0)
    by_hand = np.where(lead["is_batch"] & batch.has("definition"), 0.97, _BY_HAND)
    handed = rng.random(n) < np.where(lead["met"], 0.98, by_hand)
    in_time = (settled < AS_OF) & (lead["merged_at"] == NEVER)
    lead["mql_at"] = np.where(handed & in_time, settled, NEVER)
    return lead


def _settling(lead: pd.DataFrame, rng: np.random.Generator) -> Ints:
    n = len(lead)
    at_once = rng.random(n) < np.array(_AT_ONCE)[lead["lead_type"]]
    slow = np.exp(rng.normal(np.log(6 * DAY), 1.1, n))
    longest = np.where(lead["is_batch"], 20 * DAY, 75 * DAY)
    return np.where(at_once, 20 + rng.exponential(180, n), np.minimum(slow, longest)).astype(np.int64)


def _enriched(lead: pd.DataFrame, at: Ints) -> Flags:
    enriched = lead["enriched_at"].to_numpy()
    return np.asarray((enriched != NEVER) & (enriched <= at))


def first_passes(lead: pd.DataFrame) -> pd.DataFrame:
    """Return one row per lead handed over: lead, number 1, and mql_at."""
    handed = np.flatnonzero(lead["mql_at"] != NEVER)
    return pd.DataFrame({"lead": handed, "number": 1, "mql_at": lead["mql_at"].to_numpy()[handed]})


def route(passes: pd.DataFrame, lead: pd.DataFrame, user: pd.DataFrame, seed: int, turn: str) -> pd.DataFrame:
    """Add to each pass what follow-up depends on, and the representative it goes to.

    Columns added: what is known of the lead (region, intent, is_batch, is_demo, ...), assigned_at, owner.
    """
    rng, n = stream(seed, f"routing {turn}"), len(passes)
    for name in ("region", "intent", "is_batch", "lead_type", "employees", "is_icp", "persona", "address"):
        passes[name] = lead[name].to_numpy()[passes["lead"]]
    passes["is_demo"] = passes["lead_type"] == LEAD_TYPES.index("demo request")
    passes["is_large"] = passes["employees"] >= 1_000
    by_hand = rng.random(n) < 0.07
    wait = np.where(by_hand, rng.exponential(4 * HOUR, n), 5 + rng.exponential(200, n))
    passes["assigned_at"] = passes["mql_at"] + wait.astype(np.int64)
    at, region = passes["assigned_at"].to_numpy(), passes["region"].to_numpy()
    passes["owner"] = assign(user, DEVELOPMENT, region, at, rng.random(n))
    return passes
