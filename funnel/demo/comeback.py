"""Recycled people who come back: by status on the same lead, or as a second lead of the same person."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo import campaign as campaigns_of
from funnel.demo.campaign import CHANNELS
from funnel.demo.chance import codes, stream
from funnel.demo.clock import AS_OF, DAY, NEVER
from funnel.demo.decision import RECYCLED
from funnel.demo.model import threshold

SECOND_LEAD_SHARE = 0.012
_BY_STATUS = 0.18
_WARMER = 0.35


def comebacks(passes: pd.DataFrame, n_second: int, seed: int) -> pd.DataFrame:
    """Return one row per recycled pass that comes back in time: lead, back_at, is_second (a new lead)."""
    rng, n = stream(seed, "comebacks"), len(passes)
    gap = (30 * DAY + rng.exponential(75 * DAY, n)).astype(np.int64)
    back = passes["exit_at"].to_numpy() + gap
    able = np.flatnonzero((passes["exit"].to_numpy() == RECYCLED) & (back < AS_OF - 2 * DAY))
    able = rng.permutation(able)
    n_status = round(len(able) * _BY_STATUS)
    chosen = able[: n_second + n_status]
    return pd.DataFrame(
        {
            "lead": passes["lead"].to_numpy()[chosen],
            "back_at": back[chosen],
            "is_second": np.arange(len(chosen)) < n_second,
        }
    )


def second_leads(lead: pd.DataFrame, back: pd.DataFrame, campaign: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the new lead records, columns as in `lead`: same person, new channel, handed over at once."""
    rng = stream(seed, "second leads")
    old = back.loc[back["is_second"], "lead"].to_numpy()
    fresh: pd.DataFrame = lead.iloc[old].reset_index(drop=True)
    n = len(fresh)
    fresh["again_of"], fresh["original"], fresh["merged_at"], fresh["is_batch"] = old, NEVER, NEVER, False
    fresh["created_at"] = back.loc[back["is_second"], "back_at"].to_numpy()
    fresh["channel"] = codes(rng, [channel.share for channel in CHANNELS], n)
    created = fresh["created_at"].to_numpy()
    fresh["campaign"] = campaigns_of.running(campaign, fresh["channel"].to_numpy(), created)
    fresh["enriched_at"] = NEVER
    fresh["entered_industry"], fresh["entered_employees"] = fresh["industry"], fresh["employees"]
    fresh["intent"] += _WARMER
    fresh["settled_at"] = created + rng.integers(30, 900, n)
    fresh["score"] = fresh["first_score"] = threshold(created) + rng.integers(0, 18, n)
    fresh["met"] = fresh["is_icp"] & (fresh["address"] == 0)
    fresh["mql_at"] = fresh["settled_at"]
    return fresh


def later_passes(back: pd.DataFrame, n_before: int, seed: int) -> pd.DataFrame:
    """Return the passes of those who came back: lead, number (2 on the same lead), mql_at, score.

    `n_before` is the number of leads before the second leads were added behind them.
    """
    rng = stream(seed, "later passes")
    second = back["is_second"].to_numpy()
    lead = np.where(second, n_before + np.cumsum(second) - 1, back["lead"])
    score = threshold(back["back_at"].to_numpy()) + rng.integers(0, 15, len(back))
    at = back["back_at"].to_numpy() + rng.integers(30, 900, len(back))
    return pd.DataFrame({"lead": lead, "number": np.where(second, 1, 2), "mql_at": at, "score": score})


def warmer(passes: pd.DataFrame) -> pd.DataFrame:
    """Raise the intent of second passes: who comes back has more of it."""
    passes["intent"] += _WARMER * (passes["number"] > 1)
    return passes
