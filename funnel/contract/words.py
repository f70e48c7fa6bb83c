"""The parts of a contract in plain words, the same in every report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from types import MappingProxyType

from funnel.contract.durations import say_duration
from funnel.contract.model import Calendar, Clause, Contract, Sla, Target
from funnel.contract.vocabulary import DAYS, FIELD_NOUNS, KPI_TITLES, SLA_TITLES

DAY_TITLES = dict(
    zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)

MONEY = ("amount", "cost", "mean")
UNITS = MappingProxyType({"hours": " hours", "days": " days", "months": " months"})


def say_list(words: Sequence[str], last: str = "and") -> str:
    """Return "a, b and c"."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def say_number(number: float | None) -> str:
    """Return a number with thousands set off by commas and no needless decimals."""
    if number is None:
        return ""
    return f"{number:,.0f}" if number == int(number) else f"{number:,}"


def say_rate(rate: float) -> str:
    """Return a rate of 0-1 as per cent: 90 %, 2.5 %."""
    return f"{round(rate * 100, 2):g} %"


def say_clause(clause: Clause) -> str:
    """Return a clause as a thing that a lead has: "a score of at least 60", "the status MQL"."""
    if clause.kind == "event":
        return f"a recorded event {say_list(clause.values, 'or')}"
    if clause.kind == "created":
        return "a created record"
    if clause.kind == "opportunity":
        return f"a {clause.values[0]} opportunity"
    if clause.kind == "opportunity_stage":
        return f"an opportunity in the stage {say_list(clause.values, 'or')}"
    noun = FIELD_NOUNS[clause.field or ""]
    return _size(clause, noun) if clause.op in ("at_least", "at_most", "between") else _text(clause, noun)


def _text(clause: Clause, noun: str) -> str:
    article = "an" if noun[0] in "aeiou" else "a"
    if clause.op == "present":
        return f"a known {noun}"
    if clause.op == "valid_email":
        return f"a valid {noun}"
    if clause.op == "not_in":
        return f"{article} {noun} other than {say_list(clause.values, 'or')}"
    return f"the {noun} {say_list(clause.values, 'or')}"


def _size(clause: Clause, noun: str) -> str:
    low, high = say_number(clause.low), say_number(clause.high)
    size = {"at_least": f"at least {low}", "at_most": f"at most {high}"}.get(
        clause.op, f"between {low} and {high}"
    )
    return f"{size} employees" if clause.field == "employees" else f"a {noun} {_of(clause.op)}{size}"


def _of(op: str) -> str:
    return "" if op == "between" else "of "


def say_entry(alternatives: Sequence[Sequence[Clause]]) -> str:
    """Return when a lead enters a stage: "when its status is MQL, or when the event Demo is recorded"."""
    return ", or ".join(f"when {_happens(clauses)}" for clauses in alternatives)


def _happens(clauses: Sequence[Clause]) -> str:
    first = clauses[0]
    if len(clauses) > 1 or (first.kind == "field" and (first.field != "status" or first.op != "in")):
        return f"it has {say_list([say_clause(clause) for clause in clauses])}"
    labels = say_list(first.values, "or")
    return {
        "field": f"its status is {labels}",
        "event": f"the event {labels} is recorded",
        "created": "its record is created",
        "opportunity": f"an opportunity is {labels} for it"
        if labels == "created"
        else "its opportunity is won",
        "opportunity_stage": f"its opportunity reaches the stage {labels}",
    }[first.kind]


def say_sla(contract: Contract, sla: Sla) -> str:
    """Return an SLA as a sentence; neither team is named, as it binds whoever receives."""
    span = say_duration(sla.within_seconds, sla.clock)
    does = {
        "first_touch": f"makes a first human touch within {span} of its assignment",
        "cadence": f"makes at least {sla.attempts} attempts within {span} of its assignment",
        "disposition": f"accepts, rejects or recycles the lead within {span} of its assignment",
    }[sla.name]
    share = f", for {say_rate(sla.attainment)} of hand-offs" if sla.attainment is not None else ""
    where = f" (hand-off at {contract.stage(sla.stage).title})" if sla.stage else ""
    return f"{SLA_TITLES[sla.name]}{where}{_say_tier(contract, sla)}: the receiving team {does}{share}."


def _say_tier(contract: Contract, sla: Sla) -> str:
    """Return ", tier hot (leads with a score of at least 80)", or nothing where there are no tiers."""
    if sla.when:
        return f", tier {sla.tier} (leads with {say_list([say_clause(clause) for clause in sla.when])})"
    others = any(other.name == sla.name and other.when for other in contract.slas)
    return f", tier {sla.tier} (all other leads)" if others else ""


def kpi_title(contract: Contract, kpi: str) -> str:
    """Return what a KPI of this contract is called in a report."""
    titles = {stage.name: stage.title for stage in contract.stages}
    sla = kpi.removesuffix("_attainment")
    if kpi in KPI_TITLES or kpi in titles:
        return KPI_TITLES.get(kpi) or f"{titles[kpi]} entries"
    if sla in SLA_TITLES:
        return f"{SLA_TITLES[sla]} within the SLA"
    pairs = (f"{titles[a]} to {titles[b]}" for a in titles for b in titles if kpi == f"{a}_to_{b}")
    return next(pairs, kpi)


def say_target(contract: Contract, target: Target) -> str:
    """Return a target as a sentence with its window or period, value and owners."""
    window = f" within {say_duration(target.within_seconds)}" if target.within_seconds else ""
    value = say_rate(target.target) if target.kind in ("rate", "conversion") else say_number(target.target)
    unit = f" {contract.currency}" if target.kind in MONEY else UNITS.get(target.kind, "")
    per = f"{', counted by the' if target.kind == 'cost' else ' a'} {target.per}" if target.per else ""
    owners = f"{'owner' if len(target.owners) == 1 else 'owners'}: {say_list(target.owners)}"
    weight = f", weight {say_number(target.weight)}" if target.weight != 1 else ""
    return f"Target: {kpi_title(contract, target.kpi)}{window}: {value}{unit}{per} ({owners}{weight})."


def say_hours(calendar: Calendar) -> str:
    """Return the weekly hours: "Monday to Friday 09:00-17:30"; days without hours are left out."""
    spans = []
    for hours, grouped in groupby(zip(DAYS, calendar.hours, strict=True), key=lambda pair: pair[1]):
        days = [DAY_TITLES[day] for day, _ in grouped]
        if hours:
            name = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
            spans.append(f"{name} {say_intervals(hours)}")
    return "; ".join(spans)


def say_intervals(intervals: Sequence[tuple[int, int]]) -> str:
    """Return "09:00-12:00 and 13:00-17:30", or "closed"."""
    return say_list([f"{_clock(start)}-{_clock(end)}" for start, end in intervals]) or "closed"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def say_holidays(calendar: Calendar) -> str:
    """Return which holidays are free: a country's, single dates, or none."""
    if calendar.country:
        return f"public holidays of {calendar.country} are free"
    if calendar.free_on:
        return f"free on {say_list([on.isoformat() for on in calendar.free_on])}"
    return "no holidays are free"
