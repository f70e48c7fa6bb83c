"""CSV files: read by DuckDB, with the line of every row that it could not split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
from duckdb import ColumnExpression, ConstantExpression

from funnel.landing.lines import Records, find_records, read_raw
from funnel.landing.rows import LINE, Reject, Rows
from funnel.landing.textfile import Dialect

REJECT_LIMIT = 1_000_000
REASONS = {
    "MISSING COLUMNS": "has fewer columns than the header",
    "TOO MANY COLUMNS": "has more columns than the header",
    "UNQUOTED VALUE": "has a quote that is not closed",
    "LINE SIZE OVER MAXIMUM": "is longer than 2 MB",
    "INVALID ENCODING": "has bytes that are not text in the declared encoding",
}


def read_csv(
    con: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, columns: Sequence[str], number: int
) -> Rows:
    """Return the rows of a prepared CSV file; `number` tells its tables from those of other files."""
    table = f"csv_error_{number}"
    relation = con.read_csv(
        str(path),
        columns=dict.fromkeys(columns, "VARCHAR"),
        auto_detect=False,
        header=True,
        skiprows=dialect.n_blank_lines,
        delimiter=dialect.delimiter,
        quotechar='"',
        escapechar='"',
        store_rejects=True,
        rejects_table=table,
        rejects_scan=f"csv_scan_{number}",
        rejects_limit=REJECT_LIMIT,
    )
    file = CsvFile(con, path, dialect.delimiter, table)
    line = ConstantExpression(None).cast("BIGINT").alias(LINE)
    rows = relation.select(*map(ColumnExpression, columns), line)
    return Rows(rows, tuple(columns), file.broken, file.find)


@dataclass
class CsvFile:
    """A CSV file that DuckDB has read: says where its rows stand."""

    con: duckdb.DuckDBPyConnection
    path: Path
    delimiter: str
    table: str

    @cached_property
    def errors(self) -> list[tuple[int, str, str]]:
        """Byte, kind and text of each row that could not be split, in the order of the file."""
        errors = self.con.table(self.table).aggregate(
            "line_byte_position - 1 as byte, min(error_type) as kind, min(csv_line) as raw",
            "line_byte_position",
        )
        return errors.order("byte").fetchall()

    def records(self, n_rows: int) -> Records | None:
        """Return where each row stands, or None if that cannot be told."""
        return find_records(self.path, self.delimiter, n_rows + len(self.errors))

    def broken(self, n_rows: int) -> list[Reject]:
        """Return the rows that could not be split, with line and text."""
        records = self.records(n_rows) if self.errors else None
        reasons = [REASONS.get(kind, kind.lower()) for _, kind, _ in self.errors]
        if records is None:
            return [
                Reject(None, why, raw.strip()) for why, (_, _, raw) in zip(reasons, self.errors, strict=True)
            ]
        which = records.at_bytes([byte for byte, _, _ in self.errors]).tolist()
        texts = read_raw(self.path, records, which)
        return [
            Reject(int(records.lines[i]), why, raw) for i, why, raw in zip(which, reasons, texts, strict=True)
        ]

    def find(self, positions: Sequence[int], n_rows: int) -> list[tuple[int | None, str | None]]:
        """Return line and text of rows by their position among those that could be split."""
        records = self.records(n_rows)
        if records is None:
            return [(None, None) for _ in positions]
        broken = records.at_bytes([byte for byte, _, _ in self.errors])
        whole = np.delete(np.arange(len(records.starts)), broken)
        which = whole[np.asarray(positions, dtype=np.int64)].tolist()
        return [
            (int(records.lines[i]), raw)
            for i, raw in zip(which, read_raw(self.path, records, which), strict=True)
        ]
