"""What several figures are made from, read once: kept for a warehouse that cannot change while it is open."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from duckdb import DuckDBPyConnection

Made = TypeVar("Made")
MODE = "select current_setting('access_mode')"
FOLDER = "FUNNEL_ONCE"

_KEPT: WeakKeyDictionary[DuckDBPyConnection, dict[Hashable, Any]] = WeakKeyDictionary()


def once(con: DuckDBPyConnection, key: Hashable, make: Callable[[], Made], *, shared: bool = False) -> Made:
    """Return what `make` makes; on a read-only connection the same object again for the same key.

    A warehouse that is open for reading only does not change, even when a build swaps in another. What is
    returned is the same object each time: it must not be changed. `shared`: within `sharing`, other processes
    that read the same warehouse take it over.
    """
    if con.execute(MODE).fetchall() != [("read_only",)]:
        return make()
    kept = _KEPT.setdefault(con, {})
    if key not in kept:
        kept[key] = _shared(key, make) if shared and FOLDER in os.environ else make()
    made: Made = kept[key]
    return made


@contextmanager
def sharing(folder: Path) -> Iterator[None]:
    """Share what is made once between this process and those that it starts, through a folder of its own.

    All of them must read one warehouse, and nobody else may write to the folder: what lies there is trusted.
    """
    folder.mkdir()
    os.environ[FOLDER] = str(folder)
    try:
        yield
    finally:
        del os.environ[FOLDER]


def _shared(key: Hashable, make: Callable[[], Made]) -> Made:
    file = Path(os.environ[FOLDER]) / hashlib.sha256(repr(key).encode()).hexdigest()
    if file.exists():
        found: Made = pickle.loads(file.read_bytes())  # noqa: S301 -- written by this run, see `sharing`
        return found
    made = make()
    aside = file.with_suffix(f".{os.getpid()}")
    aside.write_bytes(pickle.dumps(made))
    aside.rename(file)
    return made
