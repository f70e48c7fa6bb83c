"""Write below a folder alone, aside, and renamed: who reads it sees the old state or the new one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from funnel.errors import InputError, UsageError

NEW = ".new-"
KEPT = "# hashes are of bytes: no line ending may change\n* -text\n"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder alone; UsageError if another command does, InputError where it cannot be written."""
    try:
        held = os.open(folder, os.O_RDONLY)
        try:
            _lock(held, folder)
            yield
        finally:
            os.close(held)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}.") from error


def _lock(held: int, folder: Path) -> None:
    try:
        flock(held, LOCK_EX | LOCK_NB)
    except BlockingIOError as error:
        raise UsageError(f"Another command is at work in {folder}. Wait until it is done.") from error


@contextmanager
def written(parent: Path, name: str) -> Iterator[Path]:
    """Yield an empty folder aside; rename it into place at the end; what a killed run left is removed."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{parent} cannot be made: {error.strerror}.") from error
    with alone(parent):
        for left in sorted(parent.glob(f"{NEW}*")):
            shutil.rmtree(left)
        if (parent / name).exists():
            raise UsageError(f"There is a dispute '{name}' already. Give this one another id with --id.")
        if not (parent / ".gitattributes").exists():
            (parent / ".gitattributes").write_text(KEPT, encoding="utf-8")
        new = parent / f"{NEW}{name}"
        new.mkdir()
        try:
            yield new
            new.rename(parent / name)
        finally:
            shutil.rmtree(new, ignore_errors=True)
