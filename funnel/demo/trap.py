"""Faults of a real CRM that follow from nothing else: planted here, and known to the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo.campaign import CHANNEL_NAMES
from funnel.demo.chance import stream
from funnel.demo.clock import AS_OF, DAY, LOADS, NEVER, Ints, instant, to_local
from funnel.demo.deal import CLOSING

ERASED_SHARE = 0.004
_LATE_SHARE = 0.30


def local_day(at: pd.Series | Ints) -> Ints:
    """Return the day (days since 1970, Europe/Berlin) of each instant; NEVER stays NEVER."""
    values = np.asarray(at)
    return np.where(values == NEVER, NEVER, to_local(values, np.zeros(len(values), dtype=np.int64)) // DAY)


def plant(lead: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Add known_at (late list imports), erased_at (deleted for good), converted_on (some impossible)."""
    rng, n = stream(seed, "traps"), len(lead)
    quiet = (lead["mql_at"] == NEVER) & (lead["merged_at"] == NEVER)
    listed = lead["channel"].isin([CHANNEL_NAMES.index("Trade Show"), CHANNEL_NAMES.index("Partner")])
    lead["is_late"] = quiet & listed & (rng.random(n) < _LATE_SHARE)
    known = lead["created_at"] + np.where(lead["is_late"], rng.integers(3 * DAY, 30 * DAY, n), 0)
    lead["known_at"] = np.minimum(known, AS_OF - 1)
    first, last = instant(LOADS[0]), instant(LOADS[-1])
    erased = (
        quiet
        & (lead["known_at"] < first)
        & ~lead.index.isin(lead["original"])
        & (rng.random(n) < ERASED_SHARE)
    )
    lead["erased_at"] = np.where(erased, rng.integers(first, last, n), NEVER)
    day = local_day(lead["converted_at"])
    lead["impossible_conversion"] = (day != NEVER) & (rng.random(n) < 0.008)
    before = local_day(lead["created_at"]) - rng.integers(1, 20, n)
    lead["converted_on"] = np.where(lead["impossible_conversion"], before, day)
    return lead


def misdate(deal: pd.DataFrame, change: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Add close_on to the changes of opportunities, and won_before (their creation) to `deal`."""
    wins = deal["won"] & ~deal["is_created_won"]
    rng = stream(seed, "misdated deals")
    deal["won_before"] = wins & (rng.random(len(deal)) < 0.03)
    change["close_on"] = local_day(change["close_at"])
    ends = (change["order"] == CLOSING) & deal["won_before"].to_numpy()[change["deal"]]
    before = local_day(deal["created_at"]) - rng.integers(1, 12, len(deal))
    change["close_on"] = np.where(ends, before[change["deal"]], change["close_on"])
    return change
