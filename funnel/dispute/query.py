"""The SQL files of this folder, and the tables that they share while one batch is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import pandas as pd
from duckdb import DuckDBPyConnection

SHARED = """
create temp table compared as select * from given;
create temp table disputed as select * exclude (in_batch) from compared where in_batch;
"""


@cache
def text(name: str) -> str:
    """Return the SQL of one table."""
    return files("funnel.dispute").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


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
        cursor.execute(f"create temp table clause_told as {text('clause')}")
        cursor.execute(f"create temp table conduct as {text('conduct')}", {"outcome": outcome})
        yield cursor
    finally:
        cursor.close()
