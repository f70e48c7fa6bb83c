"""Who works there: representatives (some leave), marketing, managers, the automation, and the queues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from funnel.demo.chance import stream
from funnel.demo.clock import AS_OF, NEVER, START, ZONES, Floats, Ints, instant
from funnel.demo.words import spelled

DEPARTMENTS = ("Marketing", "Sales Development", "Sales")
MARKETING, DEVELOPMENT, SALES = range(3)
AUTOMATION = 0
OPERATIONS = 1
QUEUES = (-2, -3)  # owner codes of the queues of EMEA and Americas; -1 is "nobody"
QUEUE_NAMES = ("SDR Queue EMEA", "SDR Queue Americas")


@dataclass(frozen=True)
class _Post:
    department: int
    region: int
    title: str
    n: int
    leaves: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()


_POSTS = (
    _Post(MARKETING, 0, "Marketing Operations", 1),
    _Post(MARKETING, 0, "Campaign Manager", 2),
    _Post(MARKETING, 1, "Campaign Manager", 1),
    _Post(DEVELOPMENT, 0, "Head of Sales Development", 1),
    _Post(DEVELOPMENT, 1, "Sales Development Manager", 1),
    _Post(SALES, 0, "Sales Director EMEA", 1),
    _Post(SALES, 1, "Sales Director Americas", 1),
    _Post(DEVELOPMENT, 0, "SDR", 8, ("2025-09-12", "2026-04-30"), ("2025-10-06", "2026-05-18")),
    _Post(DEVELOPMENT, 1, "SDR", 6, ("2026-02-13",), ("2026-03-16",)),
    _Post(SALES, 0, "Account Executive", 6, ("2026-06-26",), ("2026-07-06",)),
    _Post(SALES, 1, "Account Executive", 4),
)


def users(seed: int) -> pd.DataFrame:
    """Return one row per user (its code is the row): name codes, department, region, title, days of service.

    User 0 is the marketing automation, user 1 marketing operations. `ends_at` is NEVER for who is still
    there; `speed`, `neglect` and `persistence` are how this person works (standard normal).
    """
    rows = [(MARKETING, 0, "Marketing Automation", START, NEVER)] + [
        row for post in _POSTS for row in _people(post)
    ]
    frame = pd.DataFrame(rows, columns=["department", "region", "title", "starts_at", "ends_at"])
    rng = stream(seed, "users")
    n = len(frame)
    frame["first"] = rng.permutation(len(spelled("first_names")))[:n]
    frame["last"] = rng.permutation(len(spelled("last_names")))[:n]
    for habit in ("speed", "neglect", "persistence"):
        frame[habit] = rng.normal(0, 1, n)
    frame["zone"] = [ZONES[region] for region in frame["region"]]
    frame["manager"] = [_manager(frame, code) for code in range(n)]
    frame["is_rep"] = frame["title"].isin(["SDR", "Account Executive"])
    return frame


def _people(post: _Post) -> list[tuple[int, int, str, int, int]]:
    starts = [START] * (post.n - len(post.joins)) + [instant(day) for day in post.joins]
    ends = [instant(day) for day in post.leaves] + [NEVER] * (post.n - len(post.leaves))
    return [
        (post.department, post.region, post.title, start, end)
        for start, end in zip(starts, ends, strict=True)
    ]


def _manager(frame: pd.DataFrame, code: int) -> int:
    user = frame.loc[code]
    if user["title"] not in ("SDR", "Account Executive"):
        return NEVER
    bosses = frame["title"].str.contains("Head|Manager|Director") & (
        frame["department"] == user["department"]
    )
    return int(frame.index[bosses & (frame["region"] == user["region"])][0])


def assign(frame: pd.DataFrame, department: int, region: Ints, at: Ints, u: Floats) -> Ints:
    """Return the representative of the department and region who gets what comes in at each instant."""
    found = np.full(len(at), NEVER, dtype=np.int64)
    changes = [START - 1, *sorted({*frame["starts_at"], *frame["ends_at"]} - {START, NEVER}), AS_OF * 2]
    period = np.searchsorted(changes, at, side="right") - 1
    for number, since in enumerate(changes[:-1]):
        for code in (0, 1):
            there = frame["is_rep"] & (frame["department"] == department) & (frame["region"] == code)
            present = (frame["starts_at"] <= max(since, START)) & (
                (frame["ends_at"] > since) | (frame["ends_at"] == NEVER)
            )
            staff = frame.index[there & present].to_numpy()
            here = (period == number) & (region == code)
            found[here] = staff[(u[here] * len(staff)).astype(np.int64)]
    return found
