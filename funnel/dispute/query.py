"""The SQL files of this folder, and the rows that their tables are limited to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import pandas as pd
from duckdb import DuckDBPyConnection


@cache
def text(name: str) -> str:
    """Return the SQL of one table."""
    return files("funnel.dispute").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def limited(con: DuckDBPyConnection, rows: pd.DataFrame) -> Iterator[DuckDBPyConnection]:
    """Yield a cursor on the same warehouse in which `disputed` holds the hand-offs of the batch."""
    cursor = con.cursor()
    try:
        cursor.register("disputed_rows", rows)
        cursor.execute("create temp table disputed as select * from disputed_rows")
        cursor.unregister("disputed_rows")
        yield cursor
    finally:
        cursor.close()
