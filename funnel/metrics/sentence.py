"""A KPI in one plain sentence: number first, what it should have been, and n; neutral towards both teams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from funnel import number
from funnel.contract.durations import say_duration
from funnel.metrics.term import DAY_SECONDS

VERBS = {
    "first_touch": "{owner} answered {number} of {n} hand-offs {when} within {span}",
    "cadence": "{owner} made the agreed attempts on {number} of {n} hand-offs {when} within {span}",
    "disposition": "{owner} decided {number} of {n} hand-offs {when} within {span}",
}
SHAPES = {
    "leads": "{number} leads arrived {when}",
    "hand_offs": "{number} hand-offs were made {when}",
    "entries": "{number} {title} {when}",
    "acceptance": "{number} of {n} decided hand-offs made {when} were accepted",
    "conversion": "{number} of {n} {from_title} entries {when} reached {to_title} within {span}",
    "opportunities": "{number} opportunities were created {when}",
    "pipeline": "{number} of new pipeline {when}",
    "won": "{number} was won {when}",
    "win_rate": "{number} of {n} opportunities closed {when} were won",
    "win_rate_amount": "{number} of the value of {n} opportunities closed {when} was won",
    "days": "{number} from creation to close for half of {n} opportunities won {when}",
    "mean_deal": "{number} was the mean of {n} deals won {when}",
    "velocity": "{number} a week was the pace of sales {when} ({n} deals closed)",
    "speed": "{owner} needed {number} to touch half of {n} hand-offs made {when}",
    "disposition": "{owner} needed {number} to decide half of {n} hand-offs made {when}",
    "requalified": "{number} of {n} leads recycled {when} were qualified again",
    "retention": "{number} of {n} accounts won a year before, due {when}, won again",
    "cac_paid": "{number} of paid spend went into each new customer {when} ({n} customers)",
    "payback": "{number} until the margin of {n} customers won {when} has paid for winning them",
    "lifetime": "{number} is what {n} customers won {when} bring for each unit spent on winning them",
    "cac": "{number} was spent per new customer {when} ({n} customers)",
}

WORDS: Mapping[str, Callable[[Any], str]] = {
    "days": number.days,
    "hours": number.hours,
    "months": lambda value: f"{float(value):.1f}{number.GAP}months",
    "ratio": lambda value: f"{float(value):.1f}×",
}


def say(row: Mapping[str, Any], currency: str) -> str:
    """Return the sentence of a finding: the number, what was agreed or usual, and who was never touched."""
    words = {
        "owner": owner(row["owners"]),
        "number": said(row, currency),
        "n": number.count(row["n"]),
        "title": str(row["title"]),
        "from_title": row["from_title"],
        "to_title": row["to_title"],
        "when": when(row["period"], row["period_on"]),
        "span": _span(row),
    }
    shape = VERBS.get(row["sla"], "{owner} kept {title} for {number} of {n} hand-offs {when}")
    text = (shape if row["family"] == "obligation" else SHAPES[row["family"]]).format(**words)
    silent = int(row.get("n_untouched") or 0)
    touched = f" {number.count(silent)} {'was' if silent == 1 else 'were'} never touched." if silent else ""
    return f"{text}; {agreed(row, currency)}.{touched}"


def ended(row: Mapping[str, Any], currency: str) -> str:
    """Return that a finding no longer stands: what it was clear of, since when, and the value now."""
    of = "what was agreed" if row["kind"] == "target" else "ordinary variation"
    since = when(row["period"], row["since_on"]).removeprefix("in ")
    first = f"{row['title']} is no longer clear of {of}, as it was since {since}"
    if pd.isna(row["value"]):
        return f"{first}; it cannot be told now."
    now = f"{said(row, currency)} {when(row['period'], row['period_on'])}"
    return f"{first}: {now}; {agreed(row, currency)}."


def said(row: Mapping[str, Any], currency: str) -> str:
    """Return the value of a finding with its 95 % interval, in the format of its unit."""
    if row["unit"] == "rate":
        return number.rate_with_interval(row["value"], row["low"], row["high"], row["n"])
    middle = plain(row["value"], row["unit"], currency)
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return middle
    low, high = (plain(row[end], row["unit"], currency) for end in ("low", "high"))
    return f"{middle} ({low}{number.DASH}{high})"


def agreed(row: Mapping[str, Any], currency: str) -> str:
    """Return "agreed: 90 %", or "usual: 150-210" where the finding is one of variation."""
    if row["kind"] == "target":
        none = pd.isna(row["should"])
        return "agreed: nothing" if none else f"agreed: {plain(row['should'], row['unit'], currency)}"
    if pd.isna(row["band_low"]):
        return "usual: not known"
    low, high = (plain(row[end], row["unit"], currency) for end in ("band_low", "band_high"))
    return f"usual: {low}{number.DASH}{high}"


def plain(value: Any, unit: str, currency: str) -> str:
    """Return a value in the format of its unit."""
    if unit == "rate":
        return number.rate(value)
    if unit == "money":
        return number.money(value, currency)
    if unit in WORDS:
        return WORDS[unit](value)
    return number.count(value)


def when(period: str, period_on: Any) -> str:
    """Return "in the week of 9-15 November 2026", "in November 2026", "in Q4 2026"."""
    day = pd.Timestamp(period_on)
    if period == "week":
        return f"in the week of {number.span(day, day + pd.Timedelta(days=7))}"
    return f"in {day:%B %Y}" if period == "month" else f"in Q{day.quarter} {day.year}"


def owner(owners: str) -> str:
    """Return the owners with a capital: "Sales", "Marketing and sales"."""
    teams = [team.strip() for team in str(owners).split(",")]
    text = " and ".join([", ".join(teams[:-1]), teams[-1]]) if len(teams) > 1 else teams[0]
    return text[:1].upper() + text[1:]


def _span(row: Mapping[str, Any]) -> str:
    seconds = row["within_seconds"]
    if seconds is None or pd.isna(seconds):
        return ""
    clock = row.get("clock") or "elapsed"
    whole_days = int(seconds) % DAY_SECONDS == 0 and clock != "business"
    return f"{int(seconds) // DAY_SECONDS:,} days" if whole_days else say_duration(int(seconds), clock)
