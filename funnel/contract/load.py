"""Read one contract file into a `Contract`; every mistake is an error that names file, line and key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from funnel.contract.calendars import read_calendars
from funnel.contract.conditions import Clauses, read_all, read_entry, read_exit
from funnel.contract.document import Item, read_document
from funnel.contract.labels import events_of, read_pause, refuse_shared_labels
from funnel.contract.model import Contract, Exit, Stage
from funnel.contract.obligations import kpi_kinds, read_targets, read_verdict
from funnel.contract.slas import read_slas
from funnel.contract.terms import SECTIONS, read_terms
from funnel.contract.vocabulary import EXITS, FIELDS, KPI_KINDS

REQUIRED = {
    "version": 'version: "2026-07"',
    "effective_from": "effective_from: 2026-07-01",
    "approved_by": "approved_by: {marketing: VP Marketing, sales: VP Sales}",
    "calendar": 'calendar: {zone: Europe/Berlin, holidays: DE, hours: {mon-fri: ["09:00-17:00"]}}',
    "stages": "stages: [{name: inquiry, owner: marketing, entered_when: {created: true}}]",
    "verdict": "verdict: {horizon: 90 days, landmark: 14 days}",
}
OPTIONAL = (
    "company",
    "currency",
    "icp",
    "exits",
    "reject_reasons",
    "required_at_handoff",
    "sla",
    "pauses",
    "targets",
    *SECTIONS,
)
STAGE_KEYS = ("name", "title", "owner", "entered_when", "must_meet", "hands_to")
STAGE_REQUIRED = {
    "name": "name: mql",
    "owner": "owner: marketing",
    "entered_when": "entered_when: {status: [MQL]}",
}
CURRENCY = "a currency code such as EUR"
RESERVED = (*EXITS, "open", "stale", *KPI_KINDS)


def load_contract(path: Path) -> Contract:
    """Read one version. InputError names file, line, key path, what was found and what would do."""
    members = read_document(path).keys((*REQUIRED, *OPTIONAL), "a contract", REQUIRED)
    return _with_obligations(_with_exits(_funnel(members), members), members)


def _funnel(members: Mapping[str, Item]) -> Contract:
    approved_by = _approved_by(members["approved_by"])
    icp = read_all(members["icp"], None) if "icp" in members else ()
    horizon, landmark = read_verdict(members["verdict"])
    return Contract(
        version=_pattern(members["version"], r"[A-Za-z0-9][A-Za-z0-9._-]*", "a version such as 2026-07"),
        effective_on=members["effective_from"].day(),
        approved_by=approved_by,
        calendars=read_calendars(members["calendar"]),
        stages=_stages(members["stages"], [team for team, _ in approved_by], icp),
        horizon_seconds=horizon,
        landmark_seconds=landmark,
        company=members["company"].words() if "company" in members else None,
        currency=_pattern(members["currency"], "[A-Z]{3}", CURRENCY) if "currency" in members else "EUR",
        icp=icp,
    )


def _with_exits(contract: Contract, members: Mapping[str, Item]) -> Contract:
    exits = _exits(members["exits"]) if "exits" in members else ()
    reasons = _reasons(members["reject_reasons"]) if "reject_reasons" in members else ()
    refuse_shared_labels(contract, exits, members)
    return replace(contract, exits=exits, reasons=reasons, pause=read_pause(contract, exits, members))


def _with_obligations(contract: Contract, members: Mapping[str, Item]) -> Contract:
    handed = [handoff.stage for handoff in contract.handoffs]
    slas = (
        read_slas(members["sla"], handed, icp=contract.icp, calendars=contract.calendars)
        if "sla" in members
        else ()
    )
    kinds = kpi_kinds(contract.stages, slas)
    horizon = contract.horizon_seconds
    return replace(
        contract,
        slas=slas,
        targets=read_targets(members["targets"], kinds, contract.teams, horizon)
        if "targets" in members
        else (),
        required_at_handoff=_fields(members["required_at_handoff"])
        if "required_at_handoff" in members
        else (),
        terms=read_terms(members),
    )


def _pattern(item: Item, pattern: str, expected: str) -> str:
    text = item.words(expected)
    if not re.fullmatch(pattern, text):
        raise item.error(f"expected {expected}, found {item.found}.")
    return text


def _approved_by(item: Item) -> tuple[tuple[str, str], ...]:
    signed = item.any_keys(
        "teams and who signed for them, such as {marketing: VP Marketing, sales: VP Sales}"
    )
    return tuple((team, who.words("who signed for the team")) for team, who in signed.items())


def _fields(item: Item) -> tuple[str, ...]:
    item.labels("a list of fields")
    return tuple(element.choice(FIELDS, "a field of a lead", "Fields") for element in item.listed())


def _stages(item: Item, teams: Sequence[str], icp: Clauses) -> tuple[Stage, ...]:
    stages: dict[str, Stage] = {}
    elements = item.listed("a list of stages")
    for position, element in enumerate(elements, start=1):
        stage = _stage(element, position, teams, icp)
        if stage.name in stages:
            raise element.error(f"the stage '{stage.name}' is given twice. Keep one.")
        if position < len(elements) and any(
            clause.values == ("won",) for clause in events_of(stage, "opportunity")
        ):
            raise element.error(
                "a won opportunity ends the funnel, so its stage must be the last. Move it down."
            )
        stages[stage.name] = stage
    return tuple(stages.values())


def _stage(item: Item, position: int, teams: Sequence[str], icp: Clauses) -> Stage:
    members = item.keys(STAGE_KEYS, "a stage", STAGE_REQUIRED)
    name = _pattern(members["name"], "[a-z][a-z0-9_]*", "a stage name in small letters such as mql")
    if name in RESERVED:
        raise members["name"].error(
            f"'{name}' has a meaning of its own in reports. Choose another name for the stage."
        )
    team = members.get("hands_to")
    return Stage(
        name=name,
        title=members["title"].words() if "title" in members else default_title(name),
        position=position,
        owner=members["owner"].choice(teams, "a team that signed", "Teams"),
        entered_when=read_entry(members["entered_when"], icp),
        must_meet=read_all(members["must_meet"], icp) if "must_meet" in members else (),
        hands_to=team.choice(teams, "a team that signed", "Teams") if team else None,
    )


def default_title(name: str) -> str:
    """Return how a stage without a title is written: MQL for mql, Opportunity for opportunity."""
    return name.upper() if len(name) <= 3 and name != "won" else name.replace("_", " ").capitalize()


def _exits(item: Item) -> tuple[Exit, ...]:
    members = item.keys(EXITS, "the exits")
    return tuple(Exit(name, read_exit(members[name])) for name in EXITS if name in members)


def _reasons(item: Item) -> tuple[tuple[str, str], ...]:
    reasons: dict[str, tuple[str, str]] = {}
    for name, listed in item.keys(EXITS, "the reject reasons").items():
        for reason in listed.labels("a list of reasons"):
            taken = reasons.get(reason.casefold())
            if taken:
                raise listed.error(
                    f"the reason '{reason}' already means {taken[1]}. A reason has one meaning."
                )
            reasons[reason.casefold()] = (reason, name)
    return tuple(reasons.values())
