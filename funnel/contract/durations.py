"""Durations such as `4 h` and `10 days`: read from a contract, and said again in words."""

from __future__ import annotations

import re

from funnel.contract.document import Item
from funnel.contract.vocabulary import UNIT_SECONDS

EXPECTED = "a duration such as 30 min, 4 h, 10 days or 2 weeks"


def read_duration(item: Item) -> tuple[int, str]:
    """Return seconds and the unit as written; InputError if it is no positive duration."""
    text = item.words(EXPECTED)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", text)
    unit = match[2].lower() if match else ""
    seconds = float(match[1]) * UNIT_SECONDS.get(unit, 0) if match else 0.0
    if seconds < 1 or seconds % 1:
        raise item.error(f"expected {EXPECTED}, found {item.found}.")
    return int(seconds), unit


def is_day_unit(unit: str) -> bool:
    """Tell whether a unit counts whole days, which have no meaning on a business clock."""
    return UNIT_SECONDS[unit] >= UNIT_SECONDS["day"]


def say_duration(seconds: int, clock: str = "elapsed") -> str:
    """Return "10 days", "4 hours", "4 business hours": the largest unit that divides evenly."""
    business = "business " if clock == "business" else ""
    units = (
        (("hour", 3_600), ("minute", 60)) if business else (("day", 86_400), ("hour", 3_600), ("minute", 60))
    )
    for name, size in units:
        if seconds % size == 0:
            n = seconds // size
            return f"{n:,} {business}{name}{'' if n == 1 else 's'}"
    return f"{seconds:,} {business}seconds"
