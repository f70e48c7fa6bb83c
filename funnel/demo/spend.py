"""What marketing and sales cost: one invoice line per campaign and month, and the salaries."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funnel.demo.campaign import CHANNELS, first_day
from funnel.demo.chance import stream
from funnel.demo.clock import AS_OF, DAY, NEVER, Ints, instant

KINDS = ("media", "fees", "salaries marketing", "salaries sales")
_SALARIES = (30_000.0, 165_000.0)
_USUAL_LEADS = 20_000


def spend(lead: pd.DataFrame, campaign: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row per month and campaign, and per month and kind of salary, in EUR.

    Columns: month (0 is November 2024), on and ends_on (its first and last day), known_at (invoices come on
    the 5th), campaign, kind, amount.
    """
    months = _months()
    starts = np.array([instant(day) for day in months])
    month = np.searchsorted(starts, lead["created_at"], side="right") - 1
    key = month * 1_000 + lead["campaign"]
    place, n = np.unique(key, return_counts=True)
    cost = np.array([channel.lead_cost for channel in CHANNELS])[
        campaign["channel"].to_numpy()[place % 1_000]
    ]
    noise = np.exp(stream(seed, "spend").normal(0, 0.12, len(place)))
    media = pd.DataFrame({"month": place // 1_000, "campaign": place % 1_000, "amount": n * cost * noise})
    media["kind"] = np.where(media["campaign"] % 5 == 0, 1, 0)
    frame = pd.concat([media, *_salaries(len(starts) - 1, len(lead))], ignore_index=True)
    frame["amount"] = frame["amount"].round(2)
    frame["known_at"] = starts[frame["month"] + 1] + 4 * DAY
    frame["on"] = np.array(months)[frame["month"]]
    frame["ends_on"] = (
        np.array(months, dtype="datetime64[D]")[frame["month"] + 1] - np.timedelta64(1, "D")
    ).astype(str)
    return frame[frame["known_at"] < AS_OF].reset_index(drop=True)


def _months() -> list[str]:
    first = first_day().year * 12 + first_day().month - 1
    return [f"{number // 12}-{number % 12 + 1:02d}-01" for number in range(first, first + 26)]


def _salaries(n_months: int, n_leads: int) -> list[pd.DataFrame]:
    month: Ints = np.arange(n_months)
    growth = (1 + month * 0.003) * n_leads / _USUAL_LEADS
    return [
        pd.DataFrame({"month": month, "campaign": NEVER, "kind": 2 + kind, "amount": amount * growth})
        for kind, amount in enumerate(_SALARIES)
    ]
