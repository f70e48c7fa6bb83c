"""Channels, their campaigns, and when leads come in through them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from funnel.demo.chance import stream
from funnel.demo.clock import DAY, START, Floats, Ints, instant
from funnel.demo.dispute import CAMPAIGN, CHANNEL, Dispute
from funnel.demo.words import words


@dataclass(frozen=True)
class Channel:
    """A channel: its share of leads, mean intent, cost per lead in EUR, share of EMEA, and campaign starts.

    `starts` are days from the start of each of the two years; `show_days` is the length of the burst in which
    all its leads come, or 0 when they come all the time.
    """

    name: str
    kind: str
    share: float
    intent: float
    lead_cost: float
    starts: tuple[int, ...]
    show_days: int = 0


_HALVES, _QUARTERS = (0, 182), (0, 91, 182, 273)
CHANNELS = (
    Channel("Organic Search", "Other", 20, 0.30, 22.0, _HALVES),
    Channel("Paid Search", "Advertisement", 16, 0.20, 135.0, _QUARTERS),
    Channel("Paid Social", "Advertisement", 15, -0.35, 88.0, _QUARTERS),
    Channel("Webinar", "Webinar", 13, 0.28, 62.0, _QUARTERS),
    Channel("Content Syndication", "Content", 13, -0.50, 54.0, (0, 120, 240)),
    Channel("Referral", "Referral Program", 6, 0.95, 40.0, _HALVES),
    Channel("Partner", "Partners", 7, 0.60, 75.0, _HALVES),
    Channel("Trade Show", "Trade Show", 10, 0.00, 240.0, (100, 165, 290), show_days=4),
)
CHANNEL_NAMES = tuple(channel.name for channel in CHANNELS)
YEAR = 364  # both years of the demo are 52 weeks, and start on a Monday
N_DAYS = 2 * YEAR
_MONTHS = (0.95, 1.0, 1.15, 1.1, 1.05, 1.0, 0.85, 0.55, 1.15, 1.2, 1.1, 0.9)
_WEEK = (1.12, 1.15, 1.1, 1.05, 0.9, 0.32, 0.36)


def first_day() -> date:
    """Return the first day of the demo."""
    return date(2024, 11, 18)


def campaigns(batch: Dispute, seed: int) -> pd.DataFrame:
    """Return one row per campaign: name, channel code, parent, first and last day, start, effect on intent.

    The programmes (one per channel, parent of its campaigns) come first, then the campaigns by channel and
    start, the disputed one last.
    """
    programmes = [(f"Programme: {c.name}", code, -1, 0, N_DAYS - 1) for code, c in enumerate(CHANNELS)]
    runs = [row for code in range(len(CHANNELS)) for row in _runs(code)]
    disputed = (CAMPAIGN, CHANNEL_NAMES.index(CHANNEL), CHANNEL_NAMES.index(CHANNEL), *_days(batch))
    rows = [*programmes, *runs, disputed]
    frame = pd.DataFrame(rows, columns=["name", "channel", "parent", "first", "last"])
    frame["starts_on"] = [first_day() + timedelta(days=int(day)) for day in frame["first"]]
    frame["ends_on"] = [first_day() + timedelta(days=int(day)) for day in frame["last"]]
    frame["starts_at"] = [instant(day.isoformat()) for day in frame["starts_on"]]
    frame["effect"] = np.round(stream(seed, "campaigns").normal(0, 0.12, len(frame)), 3)
    frame.loc[len(frame) - 1, "effect"] = 0.0
    return frame


def _days(batch: Dispute) -> list[int]:
    return [(date.fromisoformat(day) - first_day()).days for day in (batch.starts_on, batch.ends_on)]


def _runs(code: int) -> list[tuple[str, int, int, int, int]]:
    channel = CHANNELS[code]
    starts = [start + year * YEAR for year in (0, 1) for start in channel.starts]
    ends = [*starts[1:], N_DAYS]
    return [
        (_title(channel, number, start), code, code, start, end - 1)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _title(channel: Channel, number: int, start: int) -> str:
    month = (first_day() + timedelta(days=start)).strftime("%Y-%m")
    subjects = words()["shows" if channel.show_days else "topics"]
    return f"{channel.name} {month}: {subjects[(number + len(channel.name)) % len(subjects)]}"


def running(frame: pd.DataFrame, channel: Ints, at: Ints) -> Ints:
    """Return the campaign of each channel that runs at each instant (the disputed one never, it is named)."""
    found = np.empty(len(at), dtype=np.int64)
    for code in range(len(CHANNELS)):
        own = frame.index[(frame["channel"] == code) & (frame["parent"] >= 0) & (frame["name"] != CAMPAIGN)]
        starts = frame.loc[own, "starts_at"].to_numpy()
        here = channel == code
        place = np.searchsorted(starts, at[here], side="right") - 1
        found[here] = own.to_numpy()[np.clip(place, 0, len(own) - 1)]
    return found


def day_weights(code: int) -> Floats:
    """Return how likely each day of the demo is for a lead of this channel."""
    channel = CHANNELS[code]
    days = [first_day() + timedelta(days=day) for day in range(N_DAYS)]
    weights = np.array([_MONTHS[day.month - 1] * _WEEK[day.weekday()] * _holiday(day) for day in days])
    weights *= 1 + 0.15 * np.arange(N_DAYS) / YEAR
    return weights * _show(channel) if channel.show_days else weights


def _holiday(day: date) -> float:
    return 0.3 if (day.month, day.day) >= (12, 21) or (day.month, day.day) <= (1, 3) else 1.0


def _show(channel: Channel) -> Floats:
    since = np.full(N_DAYS, N_DAYS)
    for start in [start + year * YEAR + 20 for year in (0, 1) for start in channel.starts]:
        since[start:] = np.arange(N_DAYS - start)
    return np.where(since < channel.show_days, 1.0, np.where(since < channel.show_days + 12, 0.12, 0.0))


def day_start(day: Ints) -> Ints:
    """Return the wall-clock second at which a day (0 is the first of the demo) begins."""
    return (START // DAY + 1 + day) * DAY
