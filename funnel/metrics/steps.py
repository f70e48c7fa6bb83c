"""SQL in steps: the files of a folder as temporary tables, so that each is short enough to be read alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics.frame import splitting


@cache
def text(folder: str, name: str) -> str:
    """Return the SQL of one file of a package, its splits by dimension written out."""
    return splitting(files(folder).joinpath(f"{name}.sql").read_text(encoding="utf-8"))


def asked(sql: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the given values that a statement asks for: DuckDB takes no others."""
    names = set(re.findall(r"\$(\w+)", re.sub(r"--[^\n]*", "", sql)))
    return {name: value for name, value in given.items() if name in names}


def make(cursor: DuckDBPyConnection, name: str, sql: str, given: Mapping[str, Any]) -> None:
    """Make a temporary table of that name from its SQL."""
    cursor.execute(f"create temp table {name} as {sql}", asked(sql, given))


def read(cursor: DuckDBPyConnection, folder: str, name: str, given: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of a file, asked of the tables that its steps have made."""
    sql = text(folder, name)
    return cursor.execute(sql, asked(sql, given)).df()


@contextmanager
def stepped(
    con: DuckDBPyConnection, folder: str, names: Iterable[str], given: Mapping[str, Any]
) -> Iterator[DuckDBPyConnection]:
    """Yield a cursor on the same warehouse with each file as a temporary table of its name, in order.

    The warehouse itself is only read; the tables go with the cursor.
    """
    cursor = con.cursor()
    try:
        for name in names:
            make(cursor, name, text(folder, name), given)
        yield cursor
    finally:
        cursor.close()
