"""Rows of text, as each format gives them: the common ground of all readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

LINE = "_line"
"""Column of a reading that holds the line (or row) in the file; null where it is sought only when needed."""


@dataclass(frozen=True)
class Reject:
    """A row that is not landed: where it stands in the file, why, and what stands there."""

    line: int | None
    reason: str
    raw: str | None


Finder = Callable[[Sequence[int], int], list[tuple[int | None, str | None]]]


def none_broken(n_rows: int) -> list[Reject]:
    """Return no rejects: for formats that hold their rows in columns."""
    return []


@dataclass(frozen=True)
class Rows:
    """The rows of one input.

    `relation` gives `columns` as text, and `_line`. Once it has been read, and gave n rows, `broken(n)`
    returns the rows that could not be split into columns, and `find(positions, n)` the line and text of rows
    by their position among the n; None where `_line` says it.
    """

    relation: duckdb.DuckDBPyRelation
    columns: tuple[str, ...]
    broken: Callable[[int], list[Reject]] = none_broken
    find: Finder | None = None
