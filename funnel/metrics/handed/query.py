"""The SQL files of this folder, step by step into one row per hand-off."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

COURSE = ("handed", "ending", "follow_up", "course")
STEPS = (*COURSE, "known", "recorded", "delivered")


@cache
def text(name: str) -> str:
    """Return the SQL of one table."""
    return files("funnel.metrics.handed").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def table(
    cursor: DuckDBPyConnection, name: str, given: dict[str, Any], of: Callable[[str], str] = text
) -> None:
    """Make the temporary table of that name from its SQL, with those of the given values that it asks for."""
    sql = of(name)
    used = {key: value for key, value in given.items() if f"${key}" in sql}
    cursor.execute(f"create temp table {name} as {sql}", used)


def handoffs(con: DuckDBPyConnection, given: dict[str, Any]) -> pd.DataFrame:
    """Return handoff.sql for all hand-offs into a stage.

    `given`: stage, outcome, landmark_seconds. The warehouse itself is only read.
    """
    return read(con, "handoff", STEPS, given)


def read(con: DuckDBPyConnection, name: str, steps: tuple[str, ...], given: dict[str, Any]) -> pd.DataFrame:
    """Return the rows of a file after its steps, each a temporary table on a cursor of its own."""
    cursor = con.cursor()
    try:
        for step in steps:
            table(cursor, step, given)
        return cursor.execute(text(name)).df()
    finally:
        cursor.close()
