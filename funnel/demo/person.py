"""Contacts: people known to sales, by conversion of a lead or from before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo.chance import stream
from funnel.demo.clock import AS_OF, DAY, NEVER, START
from funnel.demo.team import SALES, assign

PRIOR_SHARE = 0.03


def prior(lead: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Add prior_at: when this lead's person became a contact before the demo began, or NEVER."""
    rng, n = stream(seed, "prior contacts"), len(lead)
    known = (rng.random(n) < PRIOR_SHARE) & (lead["original"] == NEVER) & (lead["again_of"] == NEVER)
    at = START - (30 + rng.random(n) * 300) * DAY
    lead["prior_at"] = np.where(known, at.astype(np.int64), NEVER)
    return lead


def contacts(lead: pd.DataFrame, passes: pd.DataFrame, user: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row per contact: lead (whose person it is), person, company, owner, created_at, is_prior.

    Prior contacts were in the CRM before their lead came in, with the same mail address and no link.
    """
    rng = stream(seed, "contacts")
    known = np.flatnonzero(lead["prior_at"] != NEVER)
    before = lead["prior_at"].to_numpy()[known]
    made = passes[(passes["opportunity_at"] != NEVER) & (passes["opportunity_at"] < AS_OF)]
    frame = pd.concat(
        [
            pd.DataFrame({"lead": known, "created_at": before, "is_prior": True}),
            pd.DataFrame({"lead": made["lead"], "created_at": made["opportunity_at"], "is_prior": False}),
        ]
    )
    frame["person"] = lead["person"].to_numpy()[frame["lead"]]
    frame = (
        frame.sort_values(["person", "created_at", "lead"]).drop_duplicates("person").reset_index(drop=True)
    )
    for name in ("company", "region"):
        frame[name] = lead[name].to_numpy()[frame["lead"]]
    at = frame["created_at"].to_numpy().clip(START)
    frame["owner"] = assign(user, SALES, frame["region"].to_numpy(), at, rng.random(len(frame)))
    return frame


def contact_of(contact: pd.DataFrame, person: pd.Series) -> np.ndarray:
    """Return the contact (row) of each person, NEVER where there is none."""
    place = pd.Series(contact.index.to_numpy(), index=contact["person"].to_numpy())
    return place.reindex(person.to_numpy()).fillna(NEVER).to_numpy().astype(np.int64)


def accounts(contact: pd.DataFrame, deal: pd.DataFrame) -> pd.DataFrame:
    """Return one row per account: company, created_at, owner, parent (the company above, or NEVER)."""
    known = pd.concat([contact[["company", "created_at", "owner"]], deal[["company", "created_at", "owner"]]])
    known = known[known["created_at"] < AS_OF].sort_values(["company", "created_at", "owner"])
    account = known.drop_duplicates("company").reset_index(drop=True)
    number = account["company"].to_numpy()
    account["parent"] = np.where(
        (number % 23 == 0) & (np.arange(len(account)) > 0), np.roll(number, 1), NEVER
    )
    return account


def roles(
    passes: pd.DataFrame, deal: pd.DataFrame, contact: pd.DataFrame, lead: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return one row per contact in an opportunity: deal, contact, role code, is_primary, created_at."""
    rng = stream(seed, "roles")
    made = passes[(passes["opportunity"] != NEVER) & (passes["opportunity_at"] < AS_OF)]
    own = pd.DataFrame({"deal": made["opportunity"], "created_at": made["opportunity_at"]})
    own["contact"] = contact_of(contact, pd.Series(lead["person"].to_numpy()[made["lead"]]))
    own["is_primary"] = deal["lead"].to_numpy()[own["deal"]] == made["lead"]
    bare = deal.index[deal["known_lead"] != NEVER].to_numpy()
    found = pd.DataFrame(
        {"deal": bare, "created_at": deal["created_at"].to_numpy()[bare], "is_primary": True}
    )
    found["contact"] = contact_of(
        contact, pd.Series(lead["person"].to_numpy()[deal["known_lead"].to_numpy()[bare]])
    )
    role = pd.concat([own, found], ignore_index=True)
    role["role"] = rng.integers(0, 4, len(role))
    role = role[role["created_at"] < AS_OF].drop_duplicates(["deal", "contact"])
    return role.sort_values(["deal", "created_at", "contact"], ignore_index=True)
