"""A contract as sentences that both teams can sign; the report prints the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from funnel.contract.durations import say_duration
from funnel.contract.model import Calendar, Clause, Contract, Stage
from funnel.contract.terms import say_terms
from funnel.contract.vocabulary import FIELD_NOUNS
from funnel.contract.words import (
    say_clause,
    say_entry,
    say_holidays,
    say_hours,
    say_intervals,
    say_list,
    say_sla,
    say_target,
)


def describe(contract: Contract) -> list[str]:
    """Return the whole contract as sentences, in a fixed order: agreement, stages, exits, duties, targets."""
    return [*_agreement(contract), *_funnel(contract), *_duties(contract), *_judgement(contract)]


def _agreement(contract: Contract) -> Iterator[str]:
    parties = f" of {contract.company}" if contract.company else ""
    yield (
        f"Version {contract.version} of the agreement{parties} is in force from {contract.effective_on} "
        f"(midnight, {contract.zone})."
    )
    signed = say_list([f"{who} for {team}" for team, who in contract.approved_by])
    yield f"It was approved by {signed}."


def _funnel(contract: Contract) -> Iterator[str]:
    titles = ", ".join(stage.title for stage in contract.stages)
    yield f"The funnel has {len(contract.stages)} stages, in this order: {titles}."
    if contract.icp:
        yield f"A lead fits the ideal customer profile if it has {say_list(_clauses(contract.icp))}."
    yield from (_stage(stage) for stage in contract.stages)
    yield from _exits(contract)


def _stage(stage: Stage) -> str:
    stage_name = f"Stage {stage.position}, {stage.title} (owner: {stage.owner})"
    said = f"{stage_name}: a lead enters {say_entry(stage.entered_when)}."
    if stage.must_meet:
        said += f" It should then have: {'; '.join(_clauses(stage.must_meet))}."
    return said


def _clauses(clauses: Iterable[Clause]) -> list[str]:
    return [say_clause(clause) for clause in clauses]


def _exits(contract: Contract) -> Iterator[str]:
    for leave in contract.exits:
        yield f"A lead leaves the funnel as {leave.name} {say_entry([[leave.when]])}."
    yield f"An opportunity closed lost ends as lost, one closed won as {contract.stages[-1].title}."
    for name in dict.fromkeys(exit_name for _, exit_name in contract.reasons):
        reasons = ", ".join(reason for reason, exit_name in contract.reasons if exit_name == name)
        yield f"Reasons that mean {name}: {reasons}."


def _duties(contract: Contract) -> Iterator[str]:
    titles = {stage.name: stage.title for stage in contract.stages}
    for handoff in contract.handoffs:
        giver = f" from {handoff.from_team}" if handoff.from_team else ""
        yield f"Hand-off: a lead that enters {titles[handoff.stage]} passes{giver} to {handoff.to_team}."
    if contract.required_at_handoff:
        fields = say_list([FIELD_NOUNS[field] for field in contract.required_at_handoff])
        yield f"At a hand-off these fields are to be filled: {fields}."
    if contract.slas:
        yield (
            "Clocks run from the assignment of a lead to a rep; while nobody is assigned, from the hand-off. "
            "A later change of owner does not start them again."
        )
    yield from (say_sla(contract, sla) for sla in contract.slas)
    if contract.pause:
        labels = say_list(contract.pause.values, "or")
        yield f"While the status of a lead is {labels}, its clocks stand still."
    yield from (_calendar(calendar) for calendar in contract.calendars)


def _calendar(calendar: Calendar) -> str:
    whose = (
        "Business hours"
        if calendar.name == "default"
        else f"Business hours for leads of region {calendar.name}"
    )
    own = "".join(f"; {on} {say_intervals(hours)}" for on, hours in calendar.holiday_hours)
    return f"{whose} ({calendar.zone}): {say_hours(calendar)}; {say_holidays(calendar)}{own}."


def _judgement(contract: Contract) -> Iterator[str]:
    horizon, landmark = say_duration(contract.horizon_seconds), say_duration(contract.landmark_seconds)
    yield (
        f"A disputed batch is judged by what converted within {horizon} of the hand-off; "
        f"follow-up counts in its first {landmark}."
    )
    yield from (say_target(contract, target) for target in contract.targets)
    yield from say_terms(contract.terms)
