"""Campaign members and automated mails: what marketing's systems log."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo import campaign as campaigns_of
from funnel.demo.campaign import CHANNELS
from funnel.demo.chance import codes, stream
from funnel.demo.clock import AS_OF, DAY, NEVER, Ints
from funnel.demo.words import words

SECOND_RESPONSE_SHARE = 0.05
NEGOTIATION_SHARE = 0.25
_LATE_SHOW_SHARE = 0.3


def members(
    lead: pd.DataFrame, campaign: pd.DataFrame, contact: pd.DataFrame, deal: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return one row per campaign member: campaign, lead or contact, created_at, and up to two responses.

    `response_at` and `second_at` are NEVER without one; `known_at` is when the row came into the CRM;
    `in_negotiation` marks those that hit a person with an open opportunity.
    """
    rng = stream(seed, "members")
    first = lead[["campaign", "created_at"]].assign(lead=lead.index, responds=True)
    found = pd.concat([first, _further(lead, campaign, rng)], ignore_index=True)
    found["contact"], found["in_negotiation"] = NEVER, False
    found = pd.concat([found, _in_negotiation(campaign, contact, deal, rng)], ignore_index=True)
    found = found[found["created_at"] < AS_OF]
    found = found.iloc[np.argsort(found["created_at"].to_numpy(), kind="stable")]
    found = found.drop_duplicates(["campaign", "lead", "contact"]).reset_index(drop=True)
    created, n = found["created_at"].to_numpy(), len(found)
    found["response_at"] = np.where(found["responds"], created, NEVER)
    again = found["responds"].to_numpy() & (rng.random(n) < SECOND_RESPONSE_SHARE)
    second = created + (DAY + rng.exponential(45 * DAY, n)).astype(np.int64)
    found["second_at"] = np.where(again & (second < AS_OF), second, NEVER)
    shows = np.array([channel.show_days > 0 for channel in CHANNELS])[
        campaign["channel"].to_numpy()[found["campaign"]]
    ]
    late = shows & (rng.random(n) < _LATE_SHOW_SHARE) & (np.arange(n) % 2 == 0)
    found["known_at"] = created + np.where(late, (rng.random(n) * 25 * DAY).astype(np.int64), 0)
    return found


def _further(lead: pd.DataFrame, campaign: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    row = np.repeat(np.arange(len(lead)), rng.poisson(0.9, len(lead)))
    n = len(row)
    at = lead["created_at"].to_numpy()[row] + (600 + rng.exponential(50 * DAY, n)).astype(np.int64)
    channel = codes(rng, (2, 1, 4, 6, 3, 0.3, 0.7, 1), n)
    place = campaigns_of.running(campaign, channel, at)
    return pd.DataFrame({"campaign": place, "created_at": at, "lead": row, "responds": rng.random(n) < 0.4})


def _in_negotiation(
    campaign: pd.DataFrame, contact: pd.DataFrame, deal: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    open_deal = deal[(deal["contact"] != NEVER) & (deal["created_at"] < AS_OF - DAY)]
    open_deal = open_deal[rng.random(len(open_deal)) < NEGOTIATION_SHARE]
    last = np.minimum(open_deal["closed_at"], AS_OF)
    at = (open_deal["created_at"] + (last - open_deal["created_at"]) * rng.random(len(open_deal))).astype(
        np.int64
    )
    at = np.maximum(at, contact["created_at"].to_numpy()[open_deal["contact"]])
    place = campaigns_of.running(campaign, codes(rng, (0, 1, 3, 6, 3, 0, 0, 1), len(at)), at.to_numpy())
    frame = pd.DataFrame(
        {"campaign": place, "created_at": at.to_numpy(), "lead": NEVER, "in_negotiation": True}
    )
    frame["contact"] = open_deal["contact"].to_numpy()
    frame["responds"] = rng.random(len(frame)) < 0.3
    return frame


def mails(lead: pd.DataFrame, owner: Ints, seed: int) -> pd.DataFrame:
    """Return one row per automated mail, logged as a task: lead, owner (or the automation), at, subject."""
    rng = stream(seed, "mails")
    row = np.repeat(np.arange(len(lead)), rng.poisson(0.9, len(lead)))
    n = len(row)
    at = lead["created_at"].to_numpy()[row] + (120 + rng.exponential(12 * DAY, n)).astype(np.int64)
    subject = rng.integers(0, len(words()["mail_subjects"]), n)
    by_name = rng.random(n) < 0.4
    frame = pd.DataFrame(
        {"lead": row, "at": at, "subject": subject, "owner": np.where(by_name, owner[row], 0)}
    )
    return frame[frame["at"] < AS_OF].reset_index(drop=True)
