"""What changed from one contract version to another, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from funnel.contract.durations import say_duration
from funnel.contract.model import Calendar, Clause, Contract, Sla, Stage, Target
from funnel.contract.terms import listed_terms
from funnel.contract.tiers import WHOLE
from funnel.contract.words import (
    say_clause,
    say_entry,
    say_holidays,
    say_hours,
    say_intervals,
    say_list,
    say_number,
)

Pairs = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Change:
    """One difference: `kind` is added, removed or changed; `was` and `now` are words, null where absent."""

    path: str
    kind: str
    was: str | None
    now: str | None

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The change as a reader says it."""
        if self.was is None:
            return f"{self.path}: added: {self.now}."
        if self.now is None:
            return f"{self.path}: removed: {self.was}."
        return f"{self.path}: was {self.was}, is now {self.now}."


def diff(old: Contract, new: Contract) -> list[Change]:
    """Return all differences but version name and first day, in the order of the newer contract."""
    was, now = dict(_said(old)), dict(_said(new))
    paths = [*now, *(path for path in was if path not in now)]
    return [
        Change(path, _kind(was.get(path), now.get(path)), was.get(path), now.get(path))
        for path in paths
        if was.get(path) != now.get(path)
    ]


def _kind(was: str | None, now: str | None) -> str:
    if was is None:
        return "added"
    return "removed" if now is None else "changed"


def _said(contract: Contract) -> Pairs:
    yield "company", contract.company or "not named"
    yield "currency", contract.currency
    yield from ((f"approved_by.{team}", who) for team, who in contract.approved_by)
    for calendar in contract.calendars:
        yield from _calendar(calendar)
    yield from _clauses("icp", contract.icp)
    for stage in contract.stages:
        yield from _stage(stage)
    yield from ((f"exits.{leave.name}", say_clause(leave.when)) for leave in contract.exits)
    yield from ((f"reject_reasons.{reason}", exit_name) for reason, exit_name in contract.reasons)
    yield from ((f"required_at_handoff.{field}", "required") for field in contract.required_at_handoff)
    for sla in contract.slas:
        yield from _sla(sla)
    if contract.pause:
        yield "pauses", say_clause(contract.pause)
    yield "verdict.horizon", say_duration(contract.horizon_seconds)
    yield "verdict.landmark", say_duration(contract.landmark_seconds)
    for target in contract.targets:
        yield from _target(target)
    yield from listed_terms(contract.terms)


def _calendar(calendar: Calendar) -> Pairs:
    base = "calendar" if calendar.name == "default" else f"calendar.regions.{calendar.name}"
    yield f"{base}.zone", calendar.zone
    yield f"{base}.holidays", say_holidays(calendar)
    yield f"{base}.hours", say_hours(calendar)
    yield from ((f"{base}.holiday_hours.{on}", say_intervals(hours)) for on, hours in calendar.holiday_hours)


def _stage(stage: Stage) -> Pairs:
    base = f"stages.{stage.name}"
    yield f"{base}.owner", stage.owner
    yield f"{base}.title", stage.title
    yield f"{base}.entered_when", say_entry(stage.entered_when)
    yield from _clauses(f"{base}.must_meet", stage.must_meet)
    if stage.hands_to:
        yield f"{base}.hands_to", stage.hands_to


def _clauses(base: str, clauses: Sequence[Clause]) -> Pairs:
    """Take the clauses on one field as one item, so that a new threshold reads as changed."""
    for field in dict.fromkeys(clause.field for clause in clauses):
        yield f"{base}.{field}", say_list([say_clause(clause) for clause in clauses if clause.field == field])


def _sla(sla: Sla) -> Pairs:
    base = f"sla.{sla.name}" if sla.tier == WHOLE else f"sla.{sla.name}.{sla.tier}"
    if sla.when:
        yield f"{base}.when", say_list([say_clause(clause) for clause in sla.when])
    yield f"{base}.within", say_duration(sla.within_seconds, sla.clock)
    yield f"{base}.clock", sla.clock
    yield from ((f"{base}.attempts", say_number(n)) for n in (sla.attempts,) if n is not None)
    yield from ((f"{base}.attainment", f"{share:g}") for share in (sla.attainment,) if share is not None)
    yield f"{base}.applies_to", sla.stage or "every hand-off"


def _target(target: Target) -> Pairs:
    base = f"targets.{target.kpi}"
    yield f"{base}.target", say_number(target.target)
    yield f"{base}.owners", say_list(target.owners)
    if target.per:
        yield f"{base}.per", target.per
    if target.within_seconds:
        yield f"{base}.within", say_duration(target.within_seconds)
    yield f"{base}.weight", say_number(target.weight)
