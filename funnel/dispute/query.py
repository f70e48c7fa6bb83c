"""The SQL files of this folder, and the tables that they share while one batch is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics import handed, steps

HANDED = (*handed.STEPS, "handoff", "reason")
LOOKED_AT = ("reason", "conduct", "claim", "span", "trail_work", "trail_course")
SHARED = """
create temp table compared as select * from given;
create temp table disputed as select * exclude (in_batch) from compared where in_batch;
create temp view handed as select * from disputed;
"""


@cache
def text(name: str) -> str:
    """Return the SQL of one table, of this folder or of the steps to the hand-offs."""
    if name in HANDED:
        return steps.text(handed.FOLDER, name)
    return files("funnel.dispute").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def table(cursor: DuckDBPyConnection, name: str, given: dict[str, Any]) -> None:
    """Make the temporary table of that name from its SQL, with those of the given values that it asks for."""
    steps.make(cursor, name, text(name), given)


@contextmanager
def looking(con: DuckDBPyConnection, rows: pd.DataFrame, outcome: str) -> Iterator[DuckDBPyConnection]:
    """Yield a cursor on the same warehouse with tables of its own, for hand-offs of batch and baseline.

    `compared`: the rows; `disputed`: those of the batch; `clause_told`: their clauses; `conduct`: what either
    side did with each. The warehouse itself is only read.
    """
    cursor = con.cursor()
    try:
        cursor.register("given", rows)
        cursor.execute(SHARED)
        cursor.unregister("given")
        table(cursor, "recorded", {})
        cursor.execute(f"create temp table clause_told as {text('clause')}")
        for name in LOOKED_AT:
            table(cursor, name, {"outcome": outcome})
        yield cursor
    finally:
        cursor.close()
