"""The SQL files of this folder as temporary tables: paths, their persons, and the touches that count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from duckdb import DuckDBPyConnection

from funnel.metrics.attribution.asked import Asked

STEPS = ("path", "member", "dated", "eligible")


@cache
def text(name: str) -> str:
    """Return the SQL of one table."""
    return files("funnel.metrics.attribution").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def walked(
    con: DuckDBPyConnection, asked: Asked, steps: tuple[str, ...] = STEPS
) -> Iterator[DuckDBPyConnection]:
    """Yield a cursor on the same warehouse with the steps as temporary tables; the warehouse is only read."""
    given = {
        "amount": asked.amount,
        "look_back_seconds": asked.look_back_seconds,
        "start_on": asked.start_on,
        "end_on": asked.end_on,
    }
    cursor = con.cursor()
    try:
        for name in steps:
            table(cursor, name, given)
        yield cursor
    finally:
        cursor.close()


def table(cursor: DuckDBPyConnection, name: str, given: dict[str, Any]) -> None:
    """Make the temporary table of that name from its SQL, with those of the given values that it asks for."""
    sql = text(name)
    used = {key: value for key, value in given.items() if f"${key}" in sql}
    cursor.execute(f"create temp table {name} as {sql}", used)
