"""The SQL files of this folder as temporary tables: paths, their persons, and the touches that count."""

from __future__ import annotations

from contextlib import AbstractContextManager

from duckdb import DuckDBPyConnection

from funnel.metrics import steps
from funnel.metrics.attribution.asked import Asked

FOLDER = "funnel.metrics.attribution"
STEPS = ("path", "member", "dated", "eligible")


def walked(
    con: DuckDBPyConnection, asked: Asked, names: tuple[str, ...] = STEPS
) -> AbstractContextManager[DuckDBPyConnection]:
    """Give a cursor on the same warehouse with the steps as temporary tables; the warehouse is only read."""
    given = {
        "amount": asked.amount,
        "look_back_seconds": asked.look_back_seconds,
        "start_on": asked.start_on,
        "end_on": asked.end_on,
    }
    return steps.stepped(con, FOLDER, names, given)
