"""Reading a query as a frame whose counts are whole numbers."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection


def read(con: DuckDBPyConnection, query: str, **given: Any) -> pd.DataFrame:
    """Return the rows of a query with bound parameters; columns `n` and `n_*` are whole, their nulls 0."""
    return whole(con.execute(query, given).df())


def whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with `n` and `n_*` as whole numbers: DuckDB adds counts up into doubles."""
    counts = [str(name) for name in frame if name == "n" or str(name).startswith("n_")]
    return frame.assign(**{name: frame[name].fillna(0).astype("int64") for name in counts})
