"""The log of a dispute: one line per act, each with the hash of the line before and of every file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from funnel.errors import InputError

FILE = "log.jsonl"
NOTHING = "0" * 64


@dataclass(frozen=True)
class Act:
    """One act: what was done (open, sign, close, reopen), on which day, by which team, in what words.

    `files` maps each file of the dispute to its sha256 at that moment; `before` is the sha256 of the line
    before, of 64 zeros for the first.
    """

    number: int
    act: str
    on: date
    by: str | None
    text: str | None
    files: dict[str, str]
    before: str

    @property
    def line(self) -> str:
        """The act as its line in the log."""
        return json.dumps({**asdict(self), "on": self.on.isoformat()}, ensure_ascii=False)


@dataclass(frozen=True)
class Fault:
    """What is not as it was recorded: in which file, which field, what it was and what it is now."""

    file: str
    field: str
    was: str
    now: str


def sha256(content: bytes | str) -> str:
    """Return the sha256 of bytes, or of a text as UTF-8."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def hashes(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file of a dispute but its log, by name."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != FILE)
    return {name: sha256((folder / name).read_bytes()) for name in names if not name.startswith(".")}


def seal(acts: Sequence[Act]) -> str:
    """Return the hash of the last line: whoever keeps it can tell any later change of what it covers."""
    return sha256(acts[-1].line) if acts else NOTHING


def following(
    acts: Sequence[Act], act: str, *, on: date, by: str | None, text: str | None, files: dict[str, str]
) -> Act:
    """Return the act that follows `acts`."""
    return Act(len(acts) + 1, act, on, by, text, files, seal(acts))


def content(acts: Sequence[Act]) -> bytes:
    """Return the log: a line per act, then one that says how many there are and seals them."""
    last = json.dumps({"acts": len(acts), "seal": seal(acts)})
    return "".join(f"{line}\n" for line in [*(act.line for act in acts), last]).encode()


def write(folder: Path, acts: Sequence[Act]) -> None:
    """Write the log aside and rename it: who reads it sees the old one or the new one, whole."""
    new = folder / f".{FILE}"
    with new.open("wb") as file:
        file.write(content(acts))
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / FILE)


def read(folder: Path) -> list[Act]:
    """Return the acts of a log, in order; InputError with the line that cannot be read."""
    try:
        lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The log {folder / FILE} cannot be read: {error}.") from error
    acts = []
    for place, line in enumerate(lines, start=1):
        try:
            told = json.loads(line)
            if "seal" not in told:
                acts.append(Act(**{**told, "on": date.fromisoformat(told["on"])}))
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{folder / FILE}, line {place}: this is no act of a dispute.") from error
    if not acts:
        raise InputError(f"{folder / FILE} holds no act.")
    return acts


def faults(folder: Path) -> list[Fault]:
    """Return where log and files are not as the acts recorded them; none if nothing was changed."""
    acts = read(folder)
    found = [*_chain(folder, acts)]
    there, wanted = hashes(folder), acts[0].files
    for act in acts[1:]:
        if act.files != wanted:
            found.append(Fault(FILE, f"line {act.number}, files", "those of line 1", "others"))
    for name in sorted(wanted | there):
        was, now = wanted.get(name, "not there"), there.get(name, "not there")
        if was != now:
            found.append(Fault(name, "sha256", was, now))
    return found


def _chain(folder: Path, acts: list[Act]) -> list[Fault]:
    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    found, before = [], NOTHING
    for place, (line, act) in enumerate(zip(lines, acts, strict=False), start=1):
        if act.number != place:
            found.append(Fault(FILE, f"line {place}, number", str(place), str(act.number)))
        if act.before != before:
            found.append(Fault(FILE, f"line {place}, before", act.before, before))
        before = sha256(line)
    last: dict[str, Any] = {"acts": len(acts), "seal": before}
    said = json.loads(lines[-1])
    if len(lines) != len(acts) + 1 or said != last:
        was = f"{said['acts']} acts, {said['seal']}" if "seal" in said else "(its last line is missing)"
        found.append(Fault(FILE, "seal", was, f"{len(acts)} acts, {before}"))
    return found
