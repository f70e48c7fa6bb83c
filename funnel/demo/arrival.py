"""Leads as they come in: who, when, through which campaign, and what the form or the list says of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo import campaign as campaigns_of
from funnel.demo.campaign import CHANNEL_NAMES, CHANNELS
from funnel.demo.chance import codes, stream
from funnel.demo.clock import AS_OF, DAY, HOUR, NEVER, START, Ints, to_utc
from funnel.demo.dispute import CHANNEL, Dispute, window
from funnel.demo.market import is_icp, people
from funnel.demo.model import INDUSTRY_EFFECT, LEAD_TYPES, PERSONA_EFFECT, TYPE_EFFECT, size_effect
from funnel.demo.words import words

DUPLICATE_SHARE = 0.03
UNKNOWN_INDUSTRY = 8
ADDRESS_GOOD, ADDRESS_MISSING, ADDRESS_INVALID = range(3)
_TYPE_SHARES = {
    "Organic Search": (34, 28, 3, 35, 0),
    "Paid Search": (40, 30, 2, 28, 0),
    "Paid Social": (14, 16, 10, 60, 0),
    "Webinar": (3, 2, 95, 0, 0),
    "Content Syndication": (1, 1, 0, 98, 0),
    "Referral": (62, 23, 5, 10, 0),
    "Partner": (48, 20, 12, 20, 0),
    "Trade Show": (8, 2, 0, 0, 90),
}


def leads(n: int, company: pd.DataFrame, campaign: pd.DataFrame, batch: Dispute, seed: int) -> pd.DataFrame:
    """Return one row per lead record: `n` in all, those of the batch last but for the duplicates.

    `original` is the lead that a duplicate repeats (the same person), else NEVER; `merged_at` is when it was
    noticed.
    """
    n_duplicates = round(n * DUPLICATE_SHARE)
    n_batch = max(3, round(n * batch.lead_share))
    n_first = n - n_duplicates
    is_batch = np.arange(n_first) >= n_first - n_batch
    person = people(n_first, company, seed, is_batch & batch.has("mix"))
    lead = pd.DataFrame({"person": np.arange(n_first), "is_batch": is_batch, "original": NEVER})
    lead = pd.concat(
        [lead, pd.DataFrame({"person": 0, "is_batch": False, "original": NEVER}, index=range(n_duplicates))]
    )
    lead = lead.reset_index(drop=True)
    lead["channel"] = _channel(lead, seed)
    region = company["region"].to_numpy()[person["company"].to_numpy()]
    lead["created_at"] = _created(lead, np.resize(region, n), batch, seed)
    _repeat(lead, n_first, seed)
    for name in ("company", "first", "last", "namesake", "persona", "title"):
        lead[name] = person[name].to_numpy()[lead["person"]]
    lead["campaign"] = campaigns_of.running(
        campaign, lead["channel"].to_numpy(), lead["created_at"].to_numpy()
    )
    lead.loc[lead["is_batch"], "campaign"] = len(campaign) - 1
    return _described(lead, company, seed)


def _channel(lead: pd.DataFrame, seed: int) -> Ints:
    drawn = codes(stream(seed, "channels"), [channel.share for channel in CHANNELS], len(lead))
    return np.where(lead["is_batch"], CHANNEL_NAMES.index(CHANNEL), drawn)


def _created(lead: pd.DataFrame, region: Ints, batch: Dispute, seed: int) -> Ints:
    rng = stream(seed, "arrivals")
    n, channel = len(lead), lead["channel"].to_numpy()
    u, day = rng.random(n), np.empty(n, dtype=np.int64)
    for code in range(len(CHANNELS)):
        weights = np.cumsum(campaigns_of.day_weights(code))
        here = channel == code
        day[here] = np.searchsorted(weights / weights[-1], u[here], side="right")
    first, last = ((at - START) // DAY for at in window(batch))
    day = np.where(lead["is_batch"], first + (u * (last - first)).astype(np.int64), day)
    office = np.clip(rng.normal(13.2, 2.9, n), 0, 23.99)
    hour = np.where(rng.random(n) < 0.78, office, rng.random(n) * 24)
    local = campaigns_of.day_start(day) + (hour * HOUR).astype(np.int64)
    return np.clip(to_utc(local, region), START, AS_OF - 60)


def _repeat(lead: pd.DataFrame, n_first: int, seed: int) -> None:
    rng = stream(seed, "duplicates")
    early = np.flatnonzero((lead["created_at"] < AS_OF - 60 * DAY)[:n_first] & ~lead["is_batch"][:n_first])
    chosen = rng.permutation(early)[: len(lead) - n_first]
    again = lead.index[n_first:]
    gap = np.exp(rng.normal(np.log(2 * DAY), 2.0, len(chosen)))
    lead.loc[again, "original"] = chosen
    lead.loc[again, "person"] = lead["person"].to_numpy()[chosen]
    lead.loc[again, "created_at"] = lead["created_at"].to_numpy()[chosen] + np.clip(
        gap, 600, 55 * DAY
    ).astype(np.int64)
    merged = lead["created_at"] + (DAY + rng.random(len(lead)) * 28 * DAY).astype(np.int64)
    found = (lead["original"] != NEVER) & (rng.random(len(lead)) < 0.65)
    lead["merged_at"] = np.where(found, merged, NEVER)


def _described(lead: pd.DataFrame, company: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng, n = stream(seed, "forms"), len(lead)
    place = lead["company"].to_numpy()
    for name in ("region", "country", "industry", "employees"):
        lead[name] = company[name].to_numpy()[place]
    lead["lead_type"] = _lead_type(lead["channel"].to_numpy(), rng.random(n))
    lead["content"] = codes(rng, [1] * len(words()["contents"]), n)
    address = codes(rng, (96.3, 1.2, 2.5), len(lead))
    lead["address"] = address[lead["person"].to_numpy()]
    lead["has_phone"] = rng.random(n) > 0.18
    lead["has_country"] = rng.random(n) > 0.03
    lead["is_icp"] = is_icp(lead["industry"].to_numpy(), lead["employees"].to_numpy())
    _entered(lead, rng)
    return lead


def _lead_type(channel: Ints, u: np.ndarray) -> Ints:
    shares = np.array([_TYPE_SHARES[name] for name in CHANNEL_NAMES], dtype=np.float64)
    edges = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    return np.asarray(np.minimum((u[:, None] >= edges[channel]).sum(axis=1), len(LEAD_TYPES) - 1))


def _entered(lead: pd.DataFrame, rng: np.random.Generator) -> None:
    """Add what the form said, and when enrichment put it right (NEVER: it was right, or nobody did)."""
    n, u = len(lead), rng.random(len(lead))
    true = lead["industry"].to_numpy()
    lead["entered_industry"] = np.where(u < 0.02, NEVER, np.where(u < 0.035, UNKNOWN_INDUSTRY, true))
    wrong = rng.random(n) < 0.04
    guess = np.round(lead["employees"] * np.exp(rng.normal(0, 1.6, n))).clip(3, 60_000).astype(np.int64)
    lead["entered_employees"] = np.where(wrong, guess, lead["employees"])
    lead["entered_icp"] = is_icp(
        np.where(lead["entered_industry"] == NEVER, UNKNOWN_INDUSTRY, lead["entered_industry"]),
        lead["entered_employees"].to_numpy(),
    )
    fixed = (wrong | (u < 0.035)) & (rng.random(n) < 0.7)
    lead["enriched_at"] = np.where(
        fixed, lead["created_at"] + (rng.random(n) * 120 * DAY).astype(np.int64), NEVER
    )


def intents(lead: pd.DataFrame, campaign: pd.DataFrame, seed: int) -> tuple[pd.Series, pd.Series]:
    """Return per lead the intent that its record lets one expect, and the person's own part of it."""
    channel_effect = np.array([channel.intent for channel in CHANNELS])
    expected = (
        channel_effect[lead["channel"]]
        + campaign["effect"].to_numpy()[lead["campaign"]]
        + TYPE_EFFECT[lead["lead_type"]]
        + INDUSTRY_EFFECT[lead["industry"]]
        + PERSONA_EFFECT[lead["persona"]]
        + size_effect(lead["employees"].to_numpy())
    )
    own = stream(seed, "intent").normal(0, 1, len(lead))[lead["person"].to_numpy()]
    return pd.Series(expected), pd.Series(own)
