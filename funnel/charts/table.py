"""A small table as Parquet bytes and back, equal bytes for equal tables."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pandas as pd


def to_parquet(table: pd.DataFrame) -> bytes:
    """Return the table, in its order, as Parquet; the same table gives the same bytes."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as con:
        path = Path(folder) / "table.parquet"
        con.register("given", table.reset_index(drop=True))
        con.execute("copy (select * from given) to ? (format parquet)", [str(path)])
        return path.read_bytes()


def from_parquet(content: bytes) -> pd.DataFrame:
    """Return the table that `to_parquet` wrote."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        path = Path(folder) / "table.parquet"
        path.write_bytes(content)
        return con.execute("select * from read_parquet(?)", [str(path)]).df()
