"""Labels of a contract: one event serves one step, and a status that moves a lead stops no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from funnel.contract.conditions import read_pauses
from funnel.contract.document import Item
from funnel.contract.model import Clause, Contract, Exit, Stage


def events_of(stage: Stage, *kinds: str) -> Iterable[Clause]:
    """Yield the alternatives of a stage that are a single label: one event of the source."""
    for alternative in stage.entered_when:
        label = len(alternative) == 1 and (alternative[0].kind != "field" or alternative[0].field == "status")
        if label and alternative[0].op != "not_in" and (not kinds or alternative[0].kind in kinds):
            yield alternative[0]


def read_pause(contract: Contract, exits: Sequence[Exit], members: Mapping[str, Item]) -> Clause | None:
    """Read the pauses; a status that moves a lead on or out cannot also stop its clocks."""
    if "pauses" not in members:
        return None
    pause = read_pauses(members["pauses"])
    moves = {
        value.casefold() for stage in contract.stages for c in events_of(stage, "field") for value in c.values
    }
    moves |= {
        value.casefold() for leave in exits for value in leave.when.values if leave.when.field == "status"
    }
    for value in pause.values:
        if value.casefold() in moves:
            raise members["pauses"].error(
                f"the status '{value}' moves a lead to a stage or out of the funnel, and cannot also stop "
                "its clocks. Name a status of its own."
            )
    return pause


def refuse_shared_labels(contract: Contract, exits: Sequence[Exit], members: Mapping[str, Item]) -> None:
    """Refuse a label of two stages or exits: one event serves one step."""
    places = [
        (f"stage {stage.name}", clause, members["stages"].listed()[stage.position - 1])
        for stage in contract.stages
        for clause in events_of(stage)
    ]
    places += [
        (f"exit {leave.name}", leave.when, members["exits"].any_keys("")[leave.name]) for leave in exits
    ]
    taken: dict[tuple[str, str], str] = {}
    for place, clause, item in places:
        for value in clause.values or ("true",):
            key = (clause.field or clause.kind, value.casefold())
            other = taken.setdefault(key, place)
            if other != place:
                raise item.error(
                    f"{key[0]} '{value}' already makes a lead enter {other}. One event serves one step."
                )
