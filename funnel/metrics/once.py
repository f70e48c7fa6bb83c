"""What several figures are made from, read once: kept for a warehouse that cannot change while it is open."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from duckdb import DuckDBPyConnection

Made = TypeVar("Made")
MODE = "select current_setting('access_mode')"

_KEPT: WeakKeyDictionary[DuckDBPyConnection, dict[Hashable, Any]] = WeakKeyDictionary()


def once(con: DuckDBPyConnection, key: Hashable, make: Callable[[], Made]) -> Made:
    """Return what `make` makes; on a read-only connection the same object again for the same key.

    A warehouse that is open for reading only does not change, even when a build swaps in another. What is
    returned is shared: it must not be changed.
    """
    if con.execute(MODE).fetchall() != [("read_only",)]:
        return make()
    kept = _KEPT.setdefault(con, {})
    if key not in kept:
        kept[key] = make()
    made: Made = kept[key]
    return made
