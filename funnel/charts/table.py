"""A small table as Parquet bytes and back, equal bytes for equal tables."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import duckdb
import pandas as pd

_OWN = threading.local()


def to_parquet(table: pd.DataFrame) -> bytes:
    """Return the table, in its order, as Parquet; the same table gives the same bytes."""
    con = _connection()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        con.register("given", table.reset_index(drop=True))
        try:
            con.execute("copy (select * from given) to ? (format parquet)", [str(path)])
        finally:
            con.unregister("given")
        return path.read_bytes()


def from_parquet(content: bytes) -> pd.DataFrame:
    """Return the table that `to_parquet` wrote."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        path.write_bytes(content)
        return _connection().execute("select * from read_parquet(?)", [str(path)]).df()


def _connection() -> duckdb.DuckDBPyConnection:
    """Return this thread's connection: to open one costs more than to write a table of a page."""
    if not hasattr(_OWN, "con"):
        _OWN.con = duckdb.connect(config={"threads": 1})
    con: duckdb.DuckDBPyConnection = _OWN.con
    return con
