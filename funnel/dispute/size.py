"""How much more work would tell more: the hand review's strata and the re-work audit's sizes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from funnel.dispute import review, rework
from funnel.dispute.hidden import hidden
from funnel.dispute.record import Audit
from funnel.errors import UsageError, did_you_mean

DROPS = (0.36, 0.5, 0.7)
NAMES = ("shown", "hidden")
COLUMNS = ["drop_share", "n_needed", "n_pool", "n", "power_share", "expected_rate", "why_not"]
RULE = (
    "Leads never worked, drawn at random and worked at the agreed cadence: how many show a drop against what "
    "worked leads usually reach (5 % one-sided, 80 % power)."
)


def named(audit: Audit, *, names: str) -> Audit:
    """Return the audit with its names ('shown') or without any ('hidden'); UsageError for another word."""
    if names not in NAMES:
        raise UsageError(f"Names can be shown or hidden, not '{names}'.{did_you_mean(names, NAMES)}")
    return hidden(audit) if names == "hidden" else audit


def review_sizes(audit: Audit, *, seed: int = 0) -> pd.DataFrame:
    """Return the strata of the hand review, one row each: follow_up, state, n (leads), n_drawn, rule."""
    drawn = review.sample(audit, seed=seed)
    return drawn.strata.assign(rule=drawn.rule)


def rework_sizes(audit: Audit, *, seed: int = 0) -> pd.DataFrame:
    """Return what the re-work audit needs, one row per relative drop that it should show.

    Columns: drop_share, n_needed, n_pool (never worked), n (drawn: as many as needed or all), power_share (of
    those), expected_rate (of worked leads), why_not (nothing can be drawn; null otherwise), rule.
    """
    rows = [_planned(audit, drop, seed) for drop in DROPS]
    return pd.DataFrame(rows, columns=COLUMNS).assign(rule=RULE)


def _planned(audit: Audit, drop: float, seed: int) -> dict[str, Any]:
    try:
        planned = rework.rework(audit, drop=drop, seed=seed)
    except UsageError as why:
        return {"drop_share": drop, "why_not": str(why)}
    counts = {"n_needed": planned.needed, "n_pool": planned.n_pool, "n": len(planned.drawn)}
    shares = {"power_share": planned.reached, "expected_rate": planned.expected}
    return {"drop_share": drop, **counts, **shares, "why_not": None}
