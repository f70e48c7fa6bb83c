"""Opportunities: from conversion to won or lost, with their history, their people and their accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel.demo import model
from funnel.demo.chance import codes, stream
from funnel.demo.clock import AS_OF, DAY, NEVER, START, Flags, Floats, Ints
from funnel.demo.team import SALES, assign

STAGES = ("Discovery", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
PROBABILITY = (20, 50, 75, 100, 0)
WON, LOST = 3, 4
CLOSING = 5  # the order of the last change of an opportunity
LOSS_REASONS = ("Price", "Competitor", "No decision", "Timing", "Missing feature")
DIRECT_SHARE = 0.08
_ONE_DEAL = 45 * DAY


def deals(passes: pd.DataFrame, lead: pd.DataFrame, user: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row per opportunity: of the converted passes, and some that sales found without a lead.

    Columns: lead (NEVER: none), known_lead (whose person is a prior contact), company, region, channel,
    campaign, owner, amount, won, loss_reason (NEVER: none noted), created_at, closed_at (may lie after the
    end), is_created_won. Adds `opportunity` (a row of the result, or NEVER) to `passes`; people of one
    company who convert within 45 days share one.
    """
    found = _converted(passes, lead)
    direct = _direct(lead, round(len(found) * DIRECT_SHARE), user, seed)
    deal = pd.concat([found, direct], ignore_index=True)
    rng, n = stream(seed, "deals"), len(deal)
    size = np.clip((deal["employees"].to_numpy() / 400.0) ** 0.18, 0.6, 1.8)
    amount = np.clip(size * np.exp(rng.normal(np.log(27_500), 0.6, n)), 10_000, 150_000)
    deal["amount"] = np.round(amount, -2)
    deal["won"] = rng.random(n) < model.p_won(deal["intent"].to_numpy(), amount)
    deal["loss_reason"] = np.where(rng.random(n) < 0.1, NEVER, codes(rng, (30, 22, 28, 14, 6), n))
    median = np.where(deal["won"], 64, 60)
    deal["closed_at"] = deal["created_at"] + _office(np.exp(rng.normal(np.log(median), 0.5, n)), rng)
    deal["is_created_won"] = deal["won"] & (rng.random(n) < 0.03)
    deal["created_at"] = np.where(deal["is_created_won"], deal["closed_at"], deal["created_at"])
    place = passes["opportunity"].to_numpy()
    late = (place != NEVER) & deal["is_created_won"].to_numpy()[place]
    passes["opportunity_at"] = np.where(late, deal["created_at"].to_numpy()[place], passes["opportunity_at"])
    return deal


def _office(days: Floats, rng: np.random.Generator) -> Ints:
    return np.asarray(np.round(days) * DAY + rng.integers(0, 3 * 3600, len(days))).astype(np.int64)


def _converted(passes: pd.DataFrame, lead: pd.DataFrame) -> pd.DataFrame:
    made = passes.index[passes["opportunity_at"] != NEVER]
    part = passes.loc[made, ["lead", "region", "employees", "intent", "opportunity_at", "executive"]]
    for name in ("company", "channel", "campaign"):
        part[name] = lead[name].to_numpy()[part["lead"]]
    part = part.sort_values(["company", "opportunity_at", "lead"])
    gap = part["opportunity_at"].diff().fillna(0)
    fresh = (part["company"].diff() != 0) | (gap > _ONE_DEAL)
    number = pd.Series(fresh.cumsum() - 1, index=part.index)
    passes["opportunity"] = NEVER
    passes.loc[part.index, "opportunity"] = number
    part["known_lead"] = NEVER
    return (
        part[fresh.to_numpy()]
        .rename(columns={"opportunity_at": "created_at", "executive": "owner"})
        .reset_index(drop=True)
    )


def _direct(lead: pd.DataFrame, n: int, user: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = stream(seed, "direct deals")
    known = np.flatnonzero(lead["prior_at"] != NEVER)
    has_contact = rng.random(n) < 0.4 * (len(known) > 0)
    like = np.where(has_contact, np.resize(rng.permutation(known), n), rng.integers(0, len(lead), n))
    at = START + (rng.random(n) * (AS_OF - START - DAY)).astype(np.int64)
    part = lead[["company", "region", "employees"]].iloc[like].reset_index(drop=True)
    part["known_lead"] = np.where(has_contact, like, NEVER)
    part["lead"] = part["channel"] = part["campaign"] = NEVER
    part["intent"], part["created_at"] = 0.6, at
    part["owner"] = assign(user, SALES, part["region"].to_numpy(), at, rng.random(n))
    return part


def deal_history(deal: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row per change of an opportunity: deal, at, order, stage, amount, close_at (as stated then).

    Beside the changes of stage there are rows for changes of amount and of the close date only.
    """
    rng, n = stream(seed, "deal history"), len(deal)
    usual = ~deal["is_created_won"].to_numpy()
    lost_from, skips = codes(rng, (35, 35, 30), n), rng.random(n) < 0.08
    last = np.where(deal["won"], np.where(skips, 1, 2), lost_from)
    first = np.where(rng.random(n) < 0.35, rng.choice([0.7, 0.85, 1.2, 1.4], n), 1.0)
    slips = rng.random(n) < 0.4
    pulled = np.where(slips, 0.3, 0.0)
    early = _Statement(np.round(deal["amount"].to_numpy() * first, -2), pulled)
    raised, final = _Statement(deal["amount"], pulled), _Statement(deal["amount"], np.zeros(n))
    rows = [
        _step(deal, 0, 0.0, np.zeros(n), early, usual),
        _step(deal, 1, 0.28, np.ones(n), early, usual & (last >= 1)),
        _step(deal, 2, 0.45, np.minimum(last, 1), raised, usual & (first != 1.0)),
        _step(deal, 3, 0.62, np.full(n, 2), raised, usual & (last >= 2)),
        _step(deal, 4, 0.68, last, final, usual & slips),
        _step(deal, CLOSING, 1.0, np.where(deal["won"], WON, LOST), final, np.ones(n, dtype=bool)),
    ]
    change = pd.concat(rows, ignore_index=True)
    return change[change["at"] < AS_OF].sort_values(["deal", "at", "order"], ignore_index=True)


@dataclass(frozen=True)
class _Statement:
    """What an opportunity says of itself: its amount, and how early its close date is (share of its life)."""

    amount: pd.Series | Floats
    early: Floats


def _step(
    deal: pd.DataFrame, order: int, share: float, stage: NDArray[Any], said: _Statement, has: Flags
) -> pd.DataFrame:
    length = (deal["closed_at"] - deal["created_at"]).to_numpy()
    at = deal["created_at"].to_numpy() + (share * length).astype(np.int64)
    frame = pd.DataFrame({"deal": np.arange(len(deal)), "at": at, "order": order})
    frame["stage"], frame["amount"] = stage.astype(np.int64), np.asarray(said.amount)
    frame["close_at"] = deal["closed_at"] - (said.early * length).astype(np.int64)
    return frame[has]
