"""What an edition says of itself, read back from its edition.json for the archive and for comparisons."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from funnel.errors import InputError, UsageError, did_you_mean
from funnel.reports.facts import instant_words

FILE = "edition.json"
EDITIONS = f"[0-9]*/{FILE}"


@dataclass(frozen=True)
class Record:
    """An edition: its folder, its instant (naive UTC), and what its front page says; `sha256` of the file."""

    name: str
    folder: Path
    as_of: datetime
    as_of_words: str
    week: str
    company: str
    currency: str
    contract: str
    health: str
    findings: tuple[str, ...]
    standing: tuple[str, ...]
    ended: tuple[str, ...]
    n_disputes: int
    checks: tuple[dict[str, Any], ...]
    sha256: str


def read_record(folder: Path) -> Record:
    """Return what the edition in a folder says of itself; InputError if its record cannot be read."""
    try:
        content = (folder / FILE).read_bytes()
        return _record(folder, json.loads(content), hashlib.sha256(content).hexdigest())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{folder.name}/{FILE} is no record of an edition ({type(error).__name__}). "
            "Make that edition again."
        ) from error


def records(reports: Path) -> tuple[list[Record], list[str]]:
    """Return the records of all editions, the oldest first, and the names of those that cannot be read."""
    found: list[Record] = []
    broken: list[str] = []
    for path in sorted(reports.glob(EDITIONS)):
        try:
            found.append(read_record(path.parent))
        except InputError:
            broken.append(path.parent.name)
    return sorted(found, key=lambda each: (each.as_of, each.name)), broken


def record_of(reports: Path, name: str) -> Record:
    """Return the record of one edition; UsageError naming the nearest and all if there is none."""
    known = sorted(path.parent.name for path in reports.glob(EDITIONS))
    if name not in known:
        listed = f" Editions: {', '.join(known)}." if known else " There is none yet: run `funnel report`."
        raise UsageError(f"There is no edition '{name}'.{did_you_mean(name, known)}{listed}")
    return read_record(reports / name)


def _record(folder: Path, said: dict[str, Any], sha256: str) -> Record:
    as_of = datetime.fromisoformat(said["as_of"]).astimezone(UTC)
    return Record(
        name=folder.name,
        folder=folder,
        as_of=as_of.replace(tzinfo=None),
        as_of_words=instant_words(as_of.astimezone(ZoneInfo(said["zone"])).replace(tzinfo=None)),
        week=str(said.get("week", "")),
        company=str(said["company"]),
        currency=str(said.get("currency", "")),
        contract=str(said["contract"]),
        health=str(said.get("health", "")),
        findings=_sentences(said, "findings"),
        standing=_sentences(said, "standing"),
        ended=_sentences(said, "ended"),
        n_disputes=len(said.get("disputes", ())),
        checks=tuple(_check(each) for each in said["checks"]),
        sha256=sha256,
    )


def _sentences(said: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(sentence) for sentence in list(said.get(name, ())))


def _check(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": str(said["check_name"]),
        "title": str(said.get("title", said["check_name"])),
        "severity": str(said["severity"]),
        "state": str(said["state"]),
        "n_failing": None if said["n_failing"] is None else int(said["n_failing"]),
    }
