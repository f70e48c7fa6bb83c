"""What was sent: one line before and one after each sending, on disk before anything leaves."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from funnel.errors import UsageError
from funnel.project import Project

FILE, LOCK = "delivery.jsonl", ".delivery.lock"
State = Literal["sending", "sent", "not sent", "in doubt"]


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: of what (kind, edition, content), to whom, and how far it got."""

    edition: str
    kind: str
    sha256: str
    channel: str
    to: str
    state: State
    detail: str = ""


@dataclass
class Ledger:
    """The lines of `data/delivery.jsonl`, oldest first; lines are only ever added."""

    file: Path
    entries: list[Entry]

    def add(self, entry: Entry) -> None:
        """Write a line and wait until it is on disk."""
        line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        with self.file.open("ab+") as out:
            out.seek(0, os.SEEK_END)
            if out.tell() and not _ends_whole(out.fileno(), out.tell()):
                out.write(b"\n")  # a killed run left half a line
            out.write(line.encode())
            out.flush()
            os.fsync(out.fileno())
        self.entries.append(entry)

    def of(self, edition: str, kind: str, channel: str, to: str) -> list[Entry]:
        """Return the lines about one recipient of one edition or notice."""
        key = (edition, kind, channel, to)
        return [each for each in self.entries if (each.edition, each.kind, each.channel, each.to) == key]


def _ends_whole(file: int, size: int) -> bool:
    return os.pread(file, 1, size - 1) == b"\n"


@contextmanager
def opened(project: Project) -> Iterator[Ledger]:
    """Yield the ledger of a project, for this run alone; UsageError if another delivery is at work."""
    folder = project.root / "data"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError("Another delivery is at work in this project. Wait until it is done.") from error
        yield read(project)


def read(project: Project) -> Ledger:
    """Return the ledger as it is on disk; half a line, left by a killed run, is no line."""
    file = project.root / "data" / FILE
    content = file.read_bytes() if file.is_file() else b""
    whole = (_entry(line) for line in content.split(b"\n") if line.strip())
    return Ledger(file, [entry for entry in whole if entry is not None])


def _entry(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None
