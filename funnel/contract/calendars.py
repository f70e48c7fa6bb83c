"""Calendars of a contract: zone, holidays, weekly hours, and dates with hours of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import holidays

from funnel.contract.document import Item
from funnel.contract.model import Calendar
from funnel.contract.vocabulary import DAYS
from funnel.errors import did_you_mean

KEYS = ("zone", "holidays", "hours", "holiday_hours")
REQUIRED = {"zone": "zone: Europe/Berlin", "hours": 'hours: {mon-fri: ["09:00-17:00"]}'}

Intervals = tuple[tuple[int, int], ...]


def read_calendars(item: Item) -> tuple[Calendar, ...]:
    """Read the default calendar and those of the regions, in the order of the file."""
    members = item.keys((*KEYS, "regions"), "the calendar", REQUIRED)
    default = _calendar("default", members)
    regions = members["regions"].any_keys("regions with a calendar each") if "regions" in members else {}
    taken = {"default"}
    for name, region in regions.items():
        if name.casefold() in taken:
            raise region.error(f"'{name}' names a calendar already (case is ignored). Name another region.")
        taken.add(name.casefold())
    return default, *(_calendar(name, _region(region)) for name, region in regions.items())


def _region(item: Item) -> Mapping[str, Item]:
    return item.keys(KEYS, "a region's calendar", REQUIRED)


def _calendar(name: str, members: Mapping[str, Item]) -> Calendar:
    country, free_on = _holidays(members["holidays"]) if "holidays" in members else (None, ())
    own = members.get("holiday_hours")
    return Calendar(
        name=name,
        zone=_zone(members["zone"]),
        hours=_week(members["hours"]),
        country=country,
        free_on=free_on,
        holiday_hours=_holiday_hours(own) if own else (),
    )


def _zone(item: Item) -> str:
    text = item.words("a time zone such as Europe/Berlin")
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = did_you_mean(text, sorted(available_timezones()))
        raise item.error(
            f"'{text}' is not a time zone.{near} Write an IANA name such as Europe/Berlin or UTC."
        ) from None
    return text


def _holidays(item: Item) -> tuple[str | None, tuple[date, ...]]:
    if item.elements is not None:
        return None, tuple(sorted({element.day() for element in item.elements}))
    text = item.words("a country code such as DE or DE-BE, or a list of dates")
    country, _, part = text.partition("-")
    known = {code: parts for code, parts in holidays.list_supported_countries().items() if len(code) == 2}
    if country not in known:
        raise item.error(
            f"holidays of '{country}' are not known.{did_you_mean(country, known)} "
            "Write a two-letter country code such as DE or US, or a list of dates."
        )
    if part and part not in known[country]:
        parts = ", ".join(known[country]) or "none"
        raise item.error(f"'{part}' is not a part of {country} with holidays of its own. Parts: {parts}.")
    return text, ()


def _week(item: Item) -> tuple[Intervals, ...]:
    week: dict[str, Intervals] = {}
    for key, hours in item.any_keys('hours such as {mon-fri: ["09:00-17:00"]}').items():
        intervals = _intervals(hours)
        for day in _days(key, hours):
            if day in week:
                raise hours.error(f"the hours of '{day}' are given twice. Name each day once.")
            week[day] = intervals
    if not any(week.values()):
        raise item.error("no day has hours. Name at least one day with hours.")
    return tuple(week.get(day, ()) for day in DAYS)


def _days(key: str, hours: Item) -> list[str]:
    ends = key.split("-")
    wrong = next((end for end in ends if end not in DAYS), None)
    if wrong is not None or len(ends) > 2:
        raise hours.error(
            f"'{key}' is not a day or a range of days. Write mon, tue, wed, thu, fri, sat, sun or mon-fri."
        )
    first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
    return [DAYS[(first + i) % 7] for i in range((last - first) % 7 + 1)]


def _intervals(item: Item) -> Intervals:
    if item.elements == ():
        return ()
    intervals = tuple(_interval(element) for element in item.listed('hours such as ["09:00-17:00"]'))
    for before, after in pairwise(intervals):
        if after[0] < before[1]:
            raise item.error("hours overlap or are out of order. List them from morning to evening.")
    return intervals


def _interval(item: Item) -> tuple[int, int]:
    text = item.words('hours such as "09:00-17:00"')
    match = re.fullmatch(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)", text)
    if not match:
        raise item.error(f'expected hours such as "09:00-17:00", found {item.found}.')
    h1, m1, h2, m2 = (int(part) for part in match.groups())
    start, end = h1 * 3600 + m1 * 60, h2 * 3600 + m2 * 60
    if m1 > 59 or m2 > 59 or end > 86_400:
        raise item.error(f"'{text}' is not a time of day. Hours run from 00:00 to 24:00.")
    if start >= end:
        raise item.error(
            f"'{text}' ends before it starts. Split hours over midnight: to 24:00, then from 00:00."
        )
    return start, end


def _holiday_hours(item: Item) -> tuple[tuple[date, Intervals], ...]:
    found: list[tuple[date, Intervals]] = []
    for key, hours in item.any_keys('dates with hours such as {2026-12-24: ["09:00-12:00"]}').items():
        on = Item(item.file, hours.line, hours.path, text=key).day()
        found.append((on, _intervals(hours)))
    return tuple(sorted(found))
