"""Whether a dispute is still as recorded, and its figures come out again from the landed files."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from funnel.dispute import ledger
from funnel.dispute.audit import audit
from funnel.dispute.batch import Batch
from funnel.dispute.dossier import POPULATION, VERDICT, Dispute, find, read
from funnel.dispute.ledger import Act, Fault
from funnel.dispute.opening import contract_hashes, frozen_population, software
from funnel.dispute.record import Audit
from funnel.dispute.statement import statement
from funnel.errors import FunnelError, UsageError
from funnel.project import Project
from funnel.revision.aside import Setting, built_aside

CLOSE_ENOUGH = 1e-9
NOTHING = "not there"
SHORTEST = 8
HELD = "data/landed"


def verify(
    project: Project,
    name: str,
    *,
    sealed: str | None = None,
    told: Callable[[str], None] = lambda name: None,
) -> list[Fault]:
    """Return what differs from what was recorded: file, field, was, now; empty when all of it holds.

    First the hashes of the files, the chain of the log, the order of its acts, and `sealed` (a seal that was
    kept elsewhere, or its beginning) are held against the folder. Then a warehouse is built aside from what
    had been landed by then under the contracts of then, the batch audited anew, and population and every
    figure compared. UsageError if there is no such dispute.
    """
    folder = find(project, name)
    if sealed is not None and len(sealed) < SHORTEST:
        raise UsageError(f"A seal is compared by its first {SHORTEST} digits or more.")
    try:
        dispute = read(project, name)
        found = [*ledger.faults(folder), *_order(dispute), *_sealed(dispute.acts, sealed)]
    except FunnelError as error:
        return [Fault(_file(str(error)), "content", "readable", str(error))]
    try:
        return [*found, *_contracts(project, dispute), *_again(project, dispute, told)]
    except FunnelError as error:
        return [*found, Fault(HELD, "build", f"known at {dispute.about['known_at']}", str(error))]


def differences(was: Any, now: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield place, was and now of every leaf in which two records differ; numbers as equal as 1e-9."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*was, *now)):
            inner = f"{place}.{key}" if place else str(key)
            yield from differences(was.get(key, NOTHING), now.get(key, NOTHING), inner)
    elif isinstance(was, list) and isinstance(now, list):
        if len(was) != len(now):
            yield f"{place}, rows", str(len(was)), str(len(now))
        for number, (one, other) in enumerate(zip(was, now, strict=False), start=1):
            yield from differences(one, other, f"{place}.{_called(one, number)}")
    elif not _same(was, now):
        yield place, _text(was), _text(now)


def _called(row: Any, number: int) -> str:
    """Return what a row of a table is called: its part, step, question ..., else its number."""
    names = ("part", "step", "name", "baseline", "obligation", "question", "reason")
    said = next((str(row[key]) for key in names if isinstance(row, dict) and row.get(key)), None)
    return said or str(number)


def _same(was: Any, now: Any) -> bool:
    numbers = [one for one in (was, now) if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) == 2:
        return math.isclose(*numbers, rel_tol=CLOSE_ENOUGH, abs_tol=CLOSE_ENOUGH)
    return type(was) is type(now) and bool(was == now)


def _text(value: Any) -> str:
    return "null" if value is None else str(value)


def _order(dispute: Dispute) -> Iterator[Fault]:
    """Yield the acts that could not have been done in this order."""
    state, signed, last = "", set[str | None](), None
    for act in dispute.acts:
        fits = {
            "open": state == "",
            "sign": state == "open" and act.by in dispute.teams and act.by not in signed,
            "close": state == "open" and signed == set(dispute.teams),
            "reopen": state == "closed",
        }.get(act.act, False)
        if not fits or (last is not None and act.on < last):
            yield Fault(ledger.FILE, f"line {act.number}", "an act that was possible", f"{act.act}, {act.on}")
        state = "closed" if act.act == "close" else "open"
        signed = {*signed, act.by} if act.act == "sign" else set() if act.act != "close" else signed
        last = act.on


def _sealed(acts: Sequence[Act], sealed: str | None) -> Iterator[Fault]:
    known = [ledger.seal(acts[:n]) for n in range(1, len(acts) + 1)]
    if sealed is not None and not any(one.startswith(sealed) for one in known):
        yield Fault(ledger.FILE, "seal kept elsewhere", sealed, known[-1])


def _contracts(project: Project, dispute: Dispute) -> Iterator[Fault]:
    now = contract_hashes(project)
    for version, was in dispute.about["contracts"].items():
        if now.get(version, NOTHING) != was:
            yield Fault(f"contracts/ ({version})", "sha256", was, now.get(version, NOTHING))


def audited_then(project: Project, dispute: Dispute, batch: Batch, told: Callable[[str], None]) -> Audit:
    """Return the audit of a dispute from what had been landed by its known_at, under its contracts."""
    about = dispute.about
    setting = Setting(dispute.moment("as_of"), dispute.moment("known_at"), tuple(about["contracts"]))
    with built_aside(project, setting, told=told) as con:
        told("audit")
        given = {name: about[name] for name in ("outcome", "stage", "baseline", "seed")}
        return audit(con, batch, **given)


def _again(project: Project, dispute: Dispute, told: Callable[[str], None]) -> Iterator[Fault]:
    found = audited_then(project, dispute, dispute.batch, told)
    if (dispute.folder / POPULATION).is_file():
        frozen = (dispute.folder / POPULATION).read_text(encoding="utf-8", errors="replace")
        yield from _population(frozen, frozen_population(found.population).decode())
    figures = [Fault(VERDICT, *each) for each in differences(dispute.verdict, statement(found))]
    yield from figures
    yield from other_software(dispute.about.get("software", {})) if figures else ()


def other_software(was: dict[str, str]) -> Iterator[Fault]:
    """Yield what reckons otherwise than when figures were frozen: told only where figures differ."""
    for place, before, now in differences(was, software()):
        yield Fault("software", place, before, now)


def _population(was: str, now: str) -> Iterator[Fault]:
    one, other = (
        {row.get("handoff_id", ""): row.get("in_batch") for row in csv.DictReader(io.StringIO(text))}
        for text in (was, now)
    )
    place = {"True": "in the batch", "False": "in the baseline", None: NOTHING}
    for handoff in sorted(one.keys() | other.keys()):
        before, after = one.get(handoff), other.get(handoff)
        if before != after:
            yield Fault(POPULATION, handoff, place.get(before, str(before)), place.get(after, str(after)))


def _file(message: str) -> str:
    return next((name for name in (ledger.FILE, VERDICT, "dispute.yaml") if name in message), "dispute.yaml")
