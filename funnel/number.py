"""One format for every number that a reader sees, on pages, in figures and in sentences."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
GAP = "\N{NO-BREAK SPACE}"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "BRL": "R$", "INR": "₹", "JPY": "¥"}
SCALES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
FEW = 1_000


def is_null(value: Any) -> bool:
    """Say whether a single value is missing: None, NaN, NaT or pandas' NA."""
    return value is None or bool(pd.isna(value))


def count(value: Any) -> str:
    """Return a count with a comma every three digits; an en dash if it is missing."""
    return DASH if is_null(value) else _signed(f"{round(float(value)):,}")


def rate(value: Any, n: Any = None) -> str:
    """Return a rate (0-1) in percent: whole below 1,000 cases or when n is unknown, else one decimal."""
    if is_null(value):
        return DASH
    decimals = 0 if is_null(n) or float(n) < FEW else 1
    return _signed(f"{100 * float(value):.{decimals}f}") + GAP + "%"


def interval(low: Any, high: Any, n: Any = None) -> str:
    """Return the ends of an interval of a rate as "(19–30)", in the decimals of `rate`; empty if missing."""
    if is_null(low) or is_null(high):
        return ""
    return f"({rate(low, n)[:-2]}{DASH}{rate(high, n)[:-2]})"


def rate_with_interval(value: Any, low: Any, high: Any, n: Any = None) -> str:
    """Return "24 % (19–30)"."""
    return f"{rate(value, n)} {interval(low, high, n)}".strip()


def points(difference: Any) -> str:
    """Return a difference of two rates in points: "−6 pts"."""
    if is_null(difference):
        return DASH
    whole = round(100 * float(difference))
    return f"{'+' if whole > 0 else ''}{_signed(str(whole))}{GAP}pts"


def fine_points(difference: Any) -> str:
    """Return a difference of two rates in points, with one decimal below ten: "−6.2 pts"."""
    if is_null(difference):
        return DASH
    value = 100 * float(difference)
    text = f"{value:+.1f}" if abs(value) < 9.95 else f"{value:+.0f}"
    return f"{'0' if float(text) == 0 else _signed(text)}{GAP}pts"


def points_with_interval(difference: Any, low: Any, high: Any) -> str:
    """Return a difference in fine points with its interval: "−6.2 pts (−10 to −2.1)"."""
    if is_null(low) or is_null(high):
        return fine_points(difference)
    ends = (fine_points(end).removesuffix(f"{GAP}pts") for end in (low, high))
    return f"{fine_points(difference)} ({' to '.join(ends)})"


def money(amount: Any, currency: str = "") -> str:
    """Return an amount in three significant digits with its currency: "€1.23 M"."""
    if is_null(amount):
        return DASH
    value = float(f"{float(amount):.3g}")
    scale, unit = next(((s, u) for s, u in SCALES if abs(value) >= s), (1.0, ""))
    digits = _three_digits(abs(value) / scale)
    sign = MINUS if value < 0 else ""
    symbol = SYMBOLS.get(currency, f"{currency}{GAP}" if currency else "")
    return f"{sign}{symbol}{digits}{GAP + unit if unit else ''}"


def hours(value: Any) -> str:
    """Return a duration in hours: "3.2 h"; from 72 hours on in days."""
    if is_null(value):
        return DASH
    return days(float(value) / 24) if float(value) >= 72 else f"{float(value):.1f}{GAP}h"


def days(value: Any) -> str:
    """Return a duration in days: "14 d", below ten days with one decimal."""
    if is_null(value):
        return DASH
    length = float(value)
    return f"{length:.0f}{GAP}d" if abs(length) >= 10 or length == int(length) else f"{length:.1f}{GAP}d"


def day(value: Any) -> str:
    """Return a date as "9 November 2026"."""
    return DASH if is_null(value) else f"{_date(value):%-d %B %Y}"


def month(value: Any) -> str:
    """Return the month of a date as "Nov 2026"."""
    return DASH if is_null(value) else f"{_date(value):%b %Y}"


def short_day(value: Any) -> str:
    """Return a date without its year as "9 Nov"."""
    return DASH if is_null(value) else f"{_date(value):%-d %b}"


def span(starts_on: Any, ends_on: Any) -> str:
    """Return a half-open span of days by its first and last day: "9–15 November 2026"."""
    if is_null(starts_on) or is_null(ends_on):
        return DASH
    first, last = _date(starts_on), _date(ends_on) - timedelta(days=1)
    if first >= last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)} {DASH} {day(last)}"
    if first.month != last.month:
        return f"{first:%-d %B} {DASH} {day(last)}"
    return f"{first.day}{DASH}{day(last)}"


def short_span(starts_on: Any, ends_on: Any) -> str:
    """Return a half-open span of days without its year: "9–15 Nov", "26 Oct – 1 Nov"."""
    if is_null(starts_on) or is_null(ends_on):
        return DASH
    first, last = _date(starts_on), _date(ends_on) - timedelta(days=1)
    if first.month == last.month:
        return f"{first.day}{DASH}{short_day(last)}"
    return f"{short_day(first)} {DASH} {short_day(last)}"


def _three_digits(value: float) -> str:
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    if value == 0:
        return "0"
    text = f"{value:.{decimals}f}"
    return text if value >= 1 else f"{value:.3g}"


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else pd.Timestamp(value).date()


def _signed(text: str) -> str:
    return text.replace("-", MINUS, 1) if text.strip("-0.,") else text.lstrip("-")
