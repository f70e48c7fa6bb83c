"""The SQL files of this folder, step by step into one row per hand-off."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

STEPS = ("handed", "known", "recorded", "delivered", "ending", "follow_up")


@cache
def text(name: str) -> str:
    """Return the SQL of one table."""
    return files("funnel.metrics.handed").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def table(
    cursor: DuckDBPyConnection, name: str, given: dict[str, Any], read: Callable[[str], str] = text
) -> None:
    """Make the temporary table of that name from its SQL, with those of the given values that it asks for."""
    sql = read(name)
    used = {key: value for key, value in given.items() if f"${key}" in sql}
    cursor.execute(f"create temp table {name} as {sql}", used)


def handoffs(con: DuckDBPyConnection, given: dict[str, Any]) -> pd.DataFrame:
    """Return handoff.sql for all hand-offs into a stage, step by step on a cursor of its own.

    `given`: stage, outcome, landmark_seconds. The warehouse itself is only read.
    """
    cursor = con.cursor()
    try:
        for name in STEPS:
            table(cursor, name, given)
        return cursor.execute(text("handoff"), {"landmark_seconds": given["landmark_seconds"]}).df()
    finally:
        cursor.close()
