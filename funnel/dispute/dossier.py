"""A dispute as it lies in its folder: the claim, the frozen population, the verdict, and the log of acts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from funnel.dispute import ledger
from funnel.dispute.batch import Batch, parse_batch
from funnel.dispute.ledger import Act
from funnel.errors import FunnelError, InputError, UsageError, did_you_mean
from funnel.project import Project

ABOUT, VERDICT, POPULATION, IDS = "dispute.yaml", "verdict.json", "population.csv", "ids.csv"
ROUND = ("open", "reopen")


@dataclass(frozen=True)
class Dispute:
    """A dispute: `about` is what dispute.yaml says, `verdict` the frozen figures, `acts` the log in order."""

    name: str
    folder: Path
    about: dict[str, Any]
    verdict: dict[str, Any]
    acts: tuple[Act, ...]

    @property
    def state(self) -> str:
        """Return 'open' or 'closed'."""
        return "closed" if self.acts[-1].act == "close" else "open"

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams whose signatures close it: who hands over and who receives."""
        return tuple(self.about["teams"])

    @property
    def signed(self) -> tuple[str, ...]:
        """The teams that have signed since it was opened or reopened, in order."""
        begun = max(place for place, act in enumerate(self.acts) if act.act in ROUND)
        return tuple(str(act.by) for act in self.acts[begun:] if act.act == "sign")

    @property
    def agreed(self) -> str | None:
        """What was agreed at the closing; null while it is open."""
        return self.acts[-1].text if self.state == "closed" else None

    @property
    def seal(self) -> str:
        """The hash of the last act: kept elsewhere, it proves that nothing before it was changed."""
        return ledger.seal(self.acts)

    @cached_property
    def batch(self) -> Batch:
        """The disputed batch as it was frozen."""
        limits = self.about["batch"] + ([f"ids={self.folder / IDS}"] if self.about["n_ids"] else [])
        return parse_batch(limits)

    def moment(self, name: str) -> datetime:
        """Return as_of or known_at, a naive UTC instant."""
        return datetime.fromisoformat(self.about[name]).replace(tzinfo=None)


def disputes_of(project: Project) -> Path:
    """Return the folder of a project's disputes."""
    return project.root / "disputes"


def names(project: Project) -> list[str]:
    """Return the ids of all disputes, sorted."""
    folder = disputes_of(project)
    return sorted(path.parent.name for path in folder.glob(f"[!.]*/{ledger.FILE}"))


def find(project: Project, name: str) -> Path:
    """Return the folder of a dispute; UsageError naming the nearest and all if there is none."""
    folder, known = disputes_of(project) / name, names(project)
    if name not in known and not (name and "/" not in name and (folder / ABOUT).is_file()):
        listed = f" Disputes: {', '.join(known)}." if known else " There is none yet: `funnel dispute open`."
        raise UsageError(f"There is no dispute '{name}'.{did_you_mean(name, known)}{listed}")
    return folder


def read(project: Project, name: str) -> Dispute:
    """Return a dispute; UsageError if there is none, InputError naming the file that cannot be read."""
    folder = find(project, name)
    about = _mapping(folder / ABOUT, yaml.safe_load)
    verdict = _mapping(folder / VERDICT, json.loads)
    missing = {"claim", "by", "batch", "n_ids", "teams", "as_of", "known_at", "contracts"} - about.keys()
    if missing:
        raise InputError(f"{folder / ABOUT} does not say: {', '.join(sorted(missing))}.")
    return Dispute(name, folder, about, verdict, tuple(ledger.read(folder)))


def disputes(project: Project) -> list[Dispute]:
    """Return all disputes of a project that can be read, in order of id."""
    found = []
    for name in names(project):
        try:
            found.append(read(project, name))
        except FunnelError:
            continue
    return found


def intact(project: Project, name: str) -> Dispute:
    """Return a dispute whose files are as its log recorded them; InputError if one was changed."""
    dispute = read(project, name)
    found = ledger.faults(dispute.folder)
    if found:
        first = found[0]
        raise InputError(
            f"The dispute '{name}' was changed after the fact: {first.file} ({first.field}). Nothing was "
            f"done. See `funnel dispute verify {name}`, and bring the recorded files back."
        )
    return dispute


def refuse_team(by: str, teams: tuple[str, ...], what: str) -> None:
    """Raise UsageError, with the nearest, if a team is not one of the two of the hand-off."""
    if by not in teams:
        raise UsageError(
            f"'{by}' cannot {what}: the hand-off is between {' and '.join(teams)}.{did_you_mean(by, teams)}"
        )


def _mapping(file: Path, load: Any) -> dict[str, Any]:
    try:
        told = load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{file} cannot be read: {error}.") from error
    if not isinstance(told, dict):
        raise InputError(f"{file} is no record of a dispute.")
    return told
