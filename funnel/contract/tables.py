"""The contract laid down as tables, so that SQL needs no templates: schema `contract` of the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any

import pandas as pd

from funnel.contract.layout import COLUMNS
from funnel.contract.model import Clause, Contract, Contracts
from funnel.contract.sentences import describe
from funnel.contract.words import kpi_title, say_clause, say_sla, say_target
from funnel.contract.working_time import business_hours

ALWAYS = datetime(1900, 1, 1)  # noqa: DTZ001 -- timestamps of the warehouse are naive and hold UTC
FOREVER = datetime(9999, 12, 31)  # noqa: DTZ001

Rows = Iterator[tuple[Any, ...]]
Named = tuple[str, str, int, int, int, Clause]


def contract_tables(contracts: Contracts, first_on: date, last_on: date) -> dict[str, pd.DataFrame]:
    """Return the tables of schema `contract`, all versions, rows in the order of the files.

    `business_hour` covers first_on..last_on (both in the calendar's zone) for each version and calendar;
    take last_on later than as_of by at least the longest SLA, so that deadlines ahead have a row.
    """
    tables = {name: _table(name, contracts) for name in COLUMNS}
    tables["business_hour"] = _business_hours(contracts, first_on, last_on)
    return tables


def _table(name: str, contracts: Contracts) -> pd.DataFrame:
    rows = _versions(contracts) if name == "version" else _all_rows(name, contracts.versions)
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS[name]), dtype=object)
    return frame.astype(COLUMNS[name])


def _all_rows(name: str, versions: Iterable[Contract]) -> Rows:
    for contract in versions:
        for row in ROWS[name](contract):
            yield (contract.version, *row)


def _versions(contracts: Contracts) -> Rows:
    begins = [ALWAYS, *(contract.effective_at for contract in contracts.versions[1:])]
    ends = [*begins[1:], FOREVER]
    for number, (contract, begin, end) in enumerate(
        zip(contracts.versions, begins, ends, strict=True), start=1
    ):
        yield (
            contract.version,
            number,
            begin,
            end,
            contract.effective_on,
            contract.zone,
            contract.company,
            contract.currency,
            contract.horizon_seconds,
            contract.landmark_seconds,
            "; ".join(f"{team}: {who}" for team, who in contract.approved_by),
        )


def _stages(contract: Contract) -> Rows:
    handed = {handoff.stage: handoff for handoff in contract.handoffs}
    for stage in contract.stages:
        handoff = handed.get(stage.name)
        teams = (handoff.to_team, handoff.from_team) if handoff else (None, None)
        yield (stage.name, stage.title, stage.position, stage.owner, *teams)


def _named(contract: Contract) -> Iterator[Named]:
    """Yield part, name, alternative, clause number, clauses in the alternative, clause."""
    parts = [("entered_when", s.name, s.entered_when) for s in contract.stages]
    parts += [("must_meet", s.name, (s.must_meet,)) for s in contract.stages]
    parts += [("exit", leave.name, ((leave.when,),)) for leave in contract.exits]
    parts += [("sla", f"{sla.name}/{sla.tier}", (sla.when,)) for sla in contract.slas]
    parts += [("pause", "pause", ((pause,),)) for pause in (contract.pause,) if pause]
    for part, name, alternatives in parts:
        for a, clauses in enumerate(alternatives, start=1):
            for c, clause in enumerate(clauses, start=1):
                yield part, name, a, c, len(clauses), clause


def _clause_id(contract: Contract, part: str, name: str, alternative: int, number: int) -> str:
    return f"{contract.version}/{name}/{part}/{alternative}/{number}"


def _clauses(contract: Contract) -> Rows:
    for part, name, a, c, n, clause in _named(contract):
        what = (clause.kind, clause.field, clause.op, clause.low, clause.high, say_clause(clause))
        yield (_clause_id(contract, part, name, a, c), part, name, a, c, n, *what)


def _clause_values(contract: Contract) -> Rows:
    for part, name, a, c, _, clause in _named(contract):
        yield from ((_clause_id(contract, part, name, a, c), value) for value in clause.values)


def _slas(contract: Contract) -> Rows:
    """One row per SLA as a whole: of its tiers, the last one's deadline, and the words of all."""
    for name in dict.fromkeys(sla.name for sla in contract.slas):
        tiers = [sla for sla in contract.slas if sla.name == name]
        last = tiers[-1]
        agreed = (last.clock, last.within_seconds, last.attempts, last.attainment, last.stage)
        yield (name, *agreed, " ".join(say_sla(contract, sla) for sla in tiers))


def _sla_tiers(contract: Contract) -> Rows:
    for rank, sla in enumerate(contract.slas, start=1):
        agreed = (sla.clock, sla.within_seconds, sla.attempts, sla.stage)
        yield (sla.name, sla.tier, rank, len(sla.when), *agreed, say_sla(contract, sla))


def _targets(contract: Contract) -> Rows:
    for target in contract.targets:
        owners = ", ".join(target.owners)
        named = (target.kpi, kpi_title(contract, target.kpi), target.kind)
        agreed = (owners, target.target, target.per, target.within_seconds, target.weight)
        yield (*named, *agreed, say_target(contract, target))


ROWS: dict[str, Callable[[Contract], Iterable[tuple[Any, ...]]]] = {
    "stage": _stages,
    "clause": _clauses,
    "clause_value": _clause_values,
    "reason": lambda contract: iter(contract.reasons),
    "required_field": lambda contract: ((f, i) for i, f in enumerate(contract.required_at_handoff, start=1)),
    "sla": _slas,
    "sla_tier": _sla_tiers,
    "target": _targets,
    "term": lambda contract: iter(contract.terms.values),
    "paid_kind": lambda contract: ((kind,) for kind in contract.terms.paid),
    "calendar": lambda contract: ((calendar.name, calendar.zone) for calendar in contract.calendars),
    "sentence": lambda contract: enumerate(describe(contract), start=1),
}


def _business_hours(contracts: Contracts, first_on: date, last_on: date) -> pd.DataFrame:
    frames = []
    for contract in contracts.versions:
        for calendar in contract.calendars:
            hours = business_hours(calendar, first_on, last_on)
            hours.insert(0, "version", pd.Series(contract.version, index=hours.index, dtype="str"))
            hours.insert(1, "calendar", pd.Series(calendar.name, index=hours.index, dtype="str"))
            frames.append(hours)
    return pd.concat(frames, ignore_index=True)
