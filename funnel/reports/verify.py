"""Whether a bundle is still what was written, and comes out again from the landed files as known then."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from funnel.dispute.audit import audit
from funnel.dispute.batch import Batch, parse_batch
from funnel.dispute.ledger import Fault, sha256
from funnel.dispute.opening import contract_hashes, software
from funnel.dispute.verify import HELD, NOTHING, differences, other_software
from funnel.errors import FunnelError
from funnel.project import Project
from funnel.reports.bundle import contents, faults, manifest
from funnel.revision.aside import Setting, built_aside

VERDICT = "verdict.json"


def verify_bundle(
    project: Project, folder: Path, *, told: Callable[[str], None] = lambda name: None
) -> list[Fault]:
    """Return what differs in a bundle: file, field, was, now; empty when all of it holds.

    The hashes of the manifest are held against the files; then the audit is made again from what had been
    landed by then, and so is every file but the page (with other software: only the figures, for then bytes
    may differ). A bundle without names whose batch is a list of leads or an owner is held against its hashes
    alone: whom it means cannot be read in it. InputError if there is no readable manifest.
    """
    asked = manifest(folder)
    found = faults(folder)
    if not can_be_made_again(asked):
        return found
    try:
        return [*found, *_contracts(project, asked), *_again(project, folder, asked, told)]
    except FunnelError as error:
        return [*found, Fault(HELD, "build", f"known at {asked['asked'].get('known_at')}", str(error))]


def can_be_made_again(asked: dict[str, Any]) -> bool:
    """Return whether a manifest says which leads are meant: not where names are hidden in the definition."""
    where = asked["asked"]["batch"]["where"]
    keyed = [word for word in (*where, asked["asked"]["baseline"]) if word.startswith("owner=")]
    return asked["names"] != "hidden" or not (keyed or asked["ids"])


def _contracts(project: Project, asked: dict[str, Any]) -> Iterator[Fault]:
    now = contract_hashes(project)
    for name, was in asked["contracts"].items():
        if now.get(name, NOTHING) != was:
            yield Fault(f"contracts/ ({name})", "sha256", was, now.get(name, NOTHING))


def _again(
    project: Project, folder: Path, asked: dict[str, Any], told: Callable[[str], None]
) -> Iterator[Fault]:
    given = asked["asked"]
    instants = [datetime.fromisoformat(given[name]).replace(tzinfo=None) for name in ("as_of", "known_at")]
    setting = Setting(instants[0], instants[1], tuple(asked["contracts"]))
    with built_aside(project, setting, told=told) as con:
        told("audit")
        options = {name: given[name] for name in ("outcome", "stage", "baseline", "seed")}
        made = contents(project, audit(con, _batch(asked), **options), names=asked["names"])
    try:
        was = json.loads((folder / VERDICT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        was = {}
    figures = [Fault(VERDICT, *each) for each in differences(was, json.loads(made[VERDICT]))]
    yield from figures
    yield from other_software(asked["software"]) if figures else ()
    yield from _bytes(folder, made) if asked["software"] == software() else ()


def _bytes(folder: Path, made: dict[str, bytes]) -> Iterator[Fault]:
    for name, content in made.items():
        file = folder / name
        before = sha256(file.read_bytes()) if file.is_file() else NOTHING
        if name != VERDICT and before != sha256(content):
            yield Fault(name, "made again", before, sha256(content))


def _batch(asked: dict[str, Any]) -> Batch:
    batch = parse_batch(asked["asked"]["batch"]["where"]) if asked["asked"]["batch"]["where"] else Batch()
    return Batch(batch.where, batch.from_on, batch.to_on, tuple(asked["ids"]))
