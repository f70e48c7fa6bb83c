"""Put a whole folder in place at once: whoever looks sees the old one or the new one, never a part."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from funnel.errors import UsageError

AT_FDCWD, RENAME_EXCHANGE = -100, 2
OLD, NEW = ".old-", ".new-"


@contextmanager
def aside(folder: Path, after: Callable[[], object] = lambda: None) -> Iterator[Path]:
    """Yield an empty folder beside `folder`; swap it in when the block ends well, drop it when it fails.

    What a killed run left behind is set right first, and `after` runs when the folder is in its place, before
    another run may begin. UsageError if another run is at work beside `folder`.
    """
    with alone(folder.parent):
        new = folder.with_name(NEW + folder.name)
        new.mkdir()
        try:
            yield new
            put_in_place(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        after()


@contextmanager
def beside(folder: Path, name: str) -> Iterator[Path]:
    """Yield an empty folder beside an edition in the making; if this run is killed the next removes it."""
    scratch = folder.with_name(NEW + name)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def alone(parent: Path) -> Iterator[None]:
    """Keep other runs away from a folder and set right what a killed one left; UsageError if one runs."""
    parent.mkdir(parents=True, exist_ok=True)
    with (parent / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"Another report is being made in {parent}. Wait until it is done.") from error
        _tidy(parent)
        yield


def put_file(path: Path, content: bytes) -> Path:
    """Write a file beside its place and rename it: a reader sees the old one or the new. Return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(NEW + path.name)
    new.write_bytes(content)
    return new.replace(path)


def _tidy(parent: Path) -> None:
    """Bring back an edition that was moved away and not replaced; remove all else that is half done."""
    for left in sorted(parent.glob(f"{OLD}*")):
        home = parent / left.name.removeprefix(OLD)
        if not home.exists():
            left.rename(home)
    for left in sorted([*parent.glob(f"{OLD}*"), *parent.glob(f"{NEW}*")]):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def put_in_place(new: Path, folder: Path) -> None:
    """Rename a finished folder to its place; what stood there is removed, in one step where possible."""
    if not folder.exists():
        new.rename(folder)
    elif not _exchange(new, folder):
        old = folder.with_name(OLD + folder.name)
        folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step where the system can (Linux); say whether it did."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return bool(rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0)
