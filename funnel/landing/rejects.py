"""Rows that were not landed, kept as Parquet beside those that were."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from funnel.landing.job import Rejected, Stamp
from funnel.landing.manifest import REJECTS, Load

TYPES = {
    "source": "VARCHAR",
    "load_id": "VARCHAR",
    "observed_at": "TIMESTAMP",
    "file": "VARCHAR",
    "line": "BIGINT",
    "table_name": "VARCHAR",
    "reason": "VARCHAR",
    "raw": "VARCHAR",
}
"""Columns of a reject and their types; `line` is null where it cannot be told."""


def write_rejects(folder: Path, source: str, stamp: Stamp, rejects: Sequence[Rejected]) -> str | None:
    """Write the rejects of a load aside; return the name of their file, None if there are none."""
    if not rejects:
        return None
    name = f"{REJECTS}/{stamp.load_id}.parquet"
    (folder / name).parent.mkdir(parents=True)
    rows = [
        (source, stamp.load_id, stamp.observed_at, each.file, each.reject.line, each.table, *_said(each))
        for each in rejects
    ]
    frame = pd.DataFrame(rows, columns=list(TYPES), dtype="object")
    with duckdb.connect() as con:
        columns = [duckdb.ColumnExpression(column).cast(kind).alias(column) for column, kind in TYPES.items()]
        con.from_df(frame).select(*columns).write_parquet(str(folder / name), compression="zstd")
    return name


def _said(each: Rejected) -> tuple[str, str | None]:
    return each.reject.reason, each.reject.raw


def all_known(folder: Path, loads: Sequence[Load], rejects: Sequence[Rejected]) -> bool:
    """Tell if earlier loads have all these rejects already, wherever they stood in their files."""
    files = [str(folder / load.rejects) for load in loads if load.rejects]
    if not rejects or not files:
        return not rejects
    with duckdb.connect() as con:
        known = con.read_parquet(files).select("table_name", "reason", "raw").distinct().fetchall()
    return {(each.table, *_said(each)) for each in rejects} <= set(known)
