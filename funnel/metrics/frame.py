"""Reading a query as a frame whose counts are whole numbers."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics.term import DIMENSIONS

SPLIT_BY = re.compile(r"split_by\((\$\w+), (\w+)\)")
SPLIT_INTO = re.compile(r"split_into\((\$\w+), (\w+)\)")


def splitting(query: str) -> str:
    """Return the query with its splits by dimension written out, so that the dimensions stand in one place.

    `split_by($by, row)`: the column of `row` that the bound name says, null for any other name.
    `split_into($by, row)`: a column for each dimension, null unless the bound list names it.
    """

    def one(found: re.Match[str]) -> str:
        by, row = found.groups()
        whens = " ".join(f"when '{name}' then {row}.{name}" for name in DIMENSIONS)
        return f"case {by} {whens} end"

    def each(found: re.Match[str]) -> str:
        by, row = found.groups()
        return ", ".join(
            f"case when list_contains({by}, '{name}') then {row}.{name} end as {name}" for name in DIMENSIONS
        )

    return SPLIT_INTO.sub(each, SPLIT_BY.sub(one, query))


def read(con: DuckDBPyConnection, query: str, **given: Any) -> pd.DataFrame:
    """Return the rows of a query with bound parameters; columns `n` and `n_*` are whole, their nulls 0."""
    return whole(con.execute(query, given).df())


def whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with `n` and `n_*` as whole numbers: DuckDB adds counts up into doubles."""
    counts = [str(name) for name in frame if name == "n" or str(name).startswith("n_")]
    return frame.assign(**{name: frame[name].fillna(0).astype("int64") for name in counts})
