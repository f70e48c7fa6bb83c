"""The tables behind the figures, written beside the pages: CSV for people, Parquet for programs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from funnel.charts.table import to_parquet
from funnel.errors import InputError

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Written:
    """A table that was written: its name, size, and the sha256 of both files."""

    name: str
    n_rows: int
    csv_sha256: str
    parquet_sha256: str


def harmless(value: Any) -> Any:
    """Return text that a spreadsheet cannot take for a formula: a quote goes before =, +, -, @ and tabs."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(STARTS) else value


def to_csv(table: pd.DataFrame) -> bytes:
    """Return the table as CSV: UTF-8, comma, LF, a header; text cells are harmless to spreadsheets."""
    guarded = table.rename(columns=_guarded)
    for place, column in enumerate(guarded.columns):
        if not pd.api.types.is_numeric_dtype(guarded.dtypes.iloc[place]):
            guarded[column] = guarded[column].map(_guarded)
    return guarded.to_csv(index=False, lineterminator="\n").encode()


def _guarded(value: Any) -> Any:
    """Return a cell that starts no formula, nor a row: a lone CR is not quoted, yet ends one."""
    return harmless(value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value)


def write_tables(
    tables: dict[str, pd.DataFrame], folder: Path, *, made: Mapping[str, bytes] | None = None
) -> list[Written]:
    """Write each table as `<name>.csv` and `<name>.parquet`; return what was written, in order of name.

    `made` is the Parquet of those tables that came as such.
    """
    folder.mkdir(parents=True, exist_ok=True)
    given = made or {}
    return [_write(name, tables[name], given.get(name), folder) for name in sorted(tables)]


def gather(pieces: list[tuple[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Return tables by name; InputError if two have the same name."""
    tables: dict[str, pd.DataFrame] = {}
    for name, table in pieces:
        if name in tables:
            raise InputError(
                f"Two figures of the edition are called '{name}', so one table would overwrite the other. "
                "Show each figure once."
            )
        tables[name] = table
    return tables


def _write(name: str, table: pd.DataFrame, made: bytes | None, folder: Path) -> Written:
    csv, parquet = to_csv(table), made or to_parquet(table)
    (folder / f"{name}.csv").write_bytes(csv)
    (folder / f"{name}.parquet").write_bytes(parquet)
    return Written(name, len(table), hashlib.sha256(csv).hexdigest(), hashlib.sha256(parquet).hexdigest())
