"""How the value of a KPI is said, by its unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from funnel import number

ROUND = re.compile(r"\.0+(?=\D|$)")
UNITS: Mapping[str, Callable[[Any], str]] = {
    "days": number.days,
    "hours": number.hours,
    "months": lambda value: f"{float(value):.1f}{number.GAP}months",
    "ratio": lambda value: f"{float(value):.1f}×",
}


def said(value: Any, unit: str, n: Any = None, currency: str = "") -> str:
    """Return a value of a KPI in the format of its unit: count, rate, money, hours, days, months, ratio."""
    if number.is_null(value):
        return number.DASH
    if unit == "rate":
        return number.rate(value, n)
    if unit == "money":
        return number.money(value, currency)
    return UNITS[unit](value) if unit in UNITS else number.count(value)
