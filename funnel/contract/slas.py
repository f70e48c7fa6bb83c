"""SLAs of a contract: what the receiver owes after a hand-off, and by when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from funnel.contract.conditions import read_when
from funnel.contract.document import Item
from funnel.contract.durations import is_day_unit, read_duration
from funnel.contract.model import Calendar, Clause, Sla
from funnel.contract.tiers import WHOLE, Read, settle_tiers
from funnel.contract.vocabulary import CLOCKS, SLA_NAMES

SLA_KEYS = ("name", "tier", "when", "clock", "within", "attempts", "attainment", "applies_to")
SLA_REQUIRED = {"name": "name: first_touch", "within": "within: 4 h"}
WEEKS_AHEAD = 52
"""A business SLA fits into a year of the calendar's hours, so that the table of hours holds its deadline."""

Clauses = tuple[Clause, ...]


def read_slas(
    item: Item, handoff_stages: Sequence[str], *, icp: Clauses, calendars: Sequence[Calendar]
) -> tuple[Sla, ...]:
    """Read the list of SLAs: each name once, or in tiers, of which the first that applies holds."""
    named: dict[str, list[Read]] = {}
    for element in item.listed("a list of SLAs"):
        sla = _sla(element, handoff_stages, icp)
        _refuse_endless(element, sla, calendars)
        named.setdefault(sla.name, []).append((element, sla))
    return tuple(sla for read in named.values() for sla in settle_tiers(read))


def read_share(item: Item) -> float:
    """Read a rate between 0 and 1."""
    share = item.number("a rate between 0 and 1")
    if not 0 <= share <= 1:
        hint = f" {share:g} % is written {share / 100:g}." if 1 < share <= 100 else ""
        raise item.error(f"a rate lies between 0 and 1, found {item.found}.{hint}")
    return share


def _sla(item: Item, handoff_stages: Sequence[str], icp: Clauses) -> Sla:
    members = item.keys(SLA_KEYS, "an SLA", SLA_REQUIRED)
    name = members["name"].choice(SLA_NAMES, "an SLA")
    if name == "cadence" and "attempts" not in members:
        raise item.error("a cadence needs a number of attempts. Write for example `attempts: 6`.")
    if name != "cadence" and "attempts" in members:
        raise members["attempts"].error("attempts belong to the SLA 'cadence' only. Remove them here.")
    seconds, unit = read_duration(members["within"])
    stage = members.get("applies_to")
    return Sla(
        name=name,
        clock=_clock(item, members, unit),
        within_seconds=seconds,
        attempts=_attempts(members["attempts"]) if "attempts" in members else None,
        attainment=read_share(members["attainment"]) if "attainment" in members else None,
        stage=stage.choice(handoff_stages, "a stage with a hand-off", "Those with one") if stage else None,
        tier=_tier_name(item, members),
        when=read_when(members["when"], icp) if "when" in members else (),
    )


def _tier_name(item: Item, members: Mapping[str, Item]) -> str:
    if "tier" not in members:
        if "when" in members:
            raise item.error("an SLA with a condition is a tier and needs a name. Write `tier: hot`.")
        return WHOLE
    name = members["tier"].words("a tier's name")
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise members["tier"].error(f"expected a tier's name in small letters such as hot, found '{name}'.")
    if name == WHOLE:
        raise members["tier"].error("'all' means all tiers together in reports. Choose another name.")
    return name


def _clock(item: Item, members: Mapping[str, Item], unit: str) -> str:
    if "clock" not in members:
        if not is_day_unit(unit):
            raise item.error("hours need a clock. Write `clock: business` or `clock: elapsed`.")
        return "elapsed"
    clock = members["clock"].choice(CLOCKS, "a clock")
    if clock == "business" and is_day_unit(unit):
        raise members["within"].error(
            "a business clock counts working hours, not days. Write hours (two days of 8 h are 16 h) "
            "or `clock: elapsed`."
        )
    return clock


def _refuse_endless(item: Item, sla: Sla, calendars: Sequence[Calendar]) -> None:
    weeks = [sum(end - start for day in calendar.hours for start, end in day) for calendar in calendars]
    if sla.clock == "business" and sla.within_seconds > min(weeks) * WEEKS_AHEAD:
        raise item.any_keys("")["within"].error(
            f"{sla.within_seconds // 3600} business hours are more than a year of a calendar that works "
            f"{min(weeks) / 3600:g} hours a week. Shorten it, or use `clock: elapsed`."
        )


def _attempts(item: Item) -> int:
    number = item.number("a number of attempts")
    if number < 1 or number % 1:
        raise item.error(f"expected a whole number of attempts, at least 1, found {item.found}.")
    return int(number)
