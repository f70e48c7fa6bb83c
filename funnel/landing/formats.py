"""Read any input as rows of text: CSV, JSON lines, Excel, Parquet, or a table of a DuckDB file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd
from duckdb import (
    ColumnExpression,
    ConstantExpression,
    Expression,
    FunctionExpression,
    SQLExpression,
    StarExpression,
)

from funnel.errors import InputError
from funnel.landing.csvfile import read_csv
from funnel.landing.excel import read_sheet
from funnel.landing.header import name_columns
from funnel.landing.locate import Input
from funnel.landing.rows import LINE, Reject, Rows
from funnel.landing.textfile import prepare, read_dialect
from funnel.sources import Source

IS_OBJECT = "coalesce(case when json_valid(raw) then json_type(raw) = 'OBJECT' end, false)"


def read_rows(
    con: duckdb.DuckDBPyConnection, source: Source, given: Input, number: int, folder: Path
) -> Rows:
    """Return the rows of an input. `folder` is for copies, `number` tells this input from the others.

    InputError if the file cannot be read at all, has no header, or lacks a column that source.yaml names.
    """
    table = source.tables[given.table]
    if given.kind == "csv":
        path = prepare(given.path, table.csv.encoding, folder)
        dialect = read_dialect(path, table)
        columns = name_columns(source, given, dialect.header, dialect.delimiter)
        return read_csv(con, path, dialect, list(columns), number)
    read = {"json": _json, "excel": _excel, "parquet": _parquet, "duckdb": _duckdb}[given.kind]
    return read(con, source, given, number, folder)


def _select(
    relation: duckdb.DuckDBPyRelation, source: Source, given: Input, written: Sequence[str], line: str
) -> Rows:
    columns = name_columns(source, given, written, None)
    texts = [ColumnExpression(old).cast("VARCHAR").alias(new) for new, old in columns.items()]
    rows = relation.select(*texts, ColumnExpression(line).cast("BIGINT").alias(LINE))
    return Rows(rows, tuple(columns))


def _parquet(con: duckdb.DuckDBPyConnection, source: Source, given: Input, number: int, folder: Path) -> Rows:
    try:
        relation = con.read_parquet(str(given.path), file_row_number=True)
    except duckdb.Error as error:
        raise InputError(f"{given.label} cannot be read as Parquet: {error}") from error
    written = [name for name in relation.columns if name != "file_row_number"]
    counted = relation.select(StarExpression(), (ColumnExpression("file_row_number") + 1).alias(LINE))
    return _select(counted, source, given, written, LINE)


def _duckdb(con: duckdb.DuckDBPyConnection, source: Source, given: Input, number: int, folder: Path) -> Rows:
    database = f"input_{number}"
    con.execute(f"attach ? as {database} (read_only)", [str(given.path)])
    relation = con.table(f"{database}.{given.inner}")
    written = list(relation.columns)
    counted = relation.select(StarExpression(), SQLExpression("row_number() over ()").alias(LINE))
    return _select(counted, source, given, written, LINE)


def _excel(con: duckdb.DuckDBPyConnection, source: Source, given: Input, number: int, folder: Path) -> Rows:
    header, rows = read_sheet(given.path, given.inner or "")
    names = [f"c{index}" for index in range(len(header))]
    frame = pd.DataFrame([[line, *row] for line, row in rows], columns=[LINE, *names], dtype="object")
    con.register(f"excel_{number}", frame)
    columns = name_columns(source, given, header, None)
    texts = [
        ColumnExpression(old).cast("VARCHAR").alias(new) for new, old in zip(columns, names, strict=True)
    ]
    line = ColumnExpression(LINE).cast("BIGINT").alias(LINE)
    return Rows(con.table(f"excel_{number}").select(*texts, line), tuple(columns))


def _json(con: duckdb.DuckDBPyConnection, source: Source, given: Input, number: int, folder: Path) -> Rows:
    path = prepare(given.path, "utf-8", folder)
    _refuse_array(given, path)
    lines = _lines(con, path, number)
    written = _json_keys(con, lines)
    columns = name_columns(source, given, written, None)
    texts = [_json_text(old).alias(new) for new, old in columns.items()]
    rows = lines.filter("is_object").select(*texts, ColumnExpression(LINE))

    def broken(n_rows: int) -> list[Reject]:
        bad = lines.filter("not is_object and raw is not null").select("_line", "raw").fetchall()
        return [Reject(line, "is not a JSON object", raw) for line, raw in bad]

    return Rows(rows, tuple(columns), broken)


def _lines(con: duckdb.DuckDBPyConnection, path: Path, number: int) -> duckdb.DuckDBPyRelation:
    """Return each line with its number: a delimiter that no text holds, and no quotes, keep lines whole."""
    con.read_csv(
        str(path),
        columns={"raw": "VARCHAR"},
        auto_detect=False,
        header=False,
        delimiter="\x1f",
        quotechar="",
        escapechar="",
    ).select(ColumnExpression("raw"), SQLExpression(IS_OBJECT).alias("is_object")).create(f"json_{number}")
    counted = SQLExpression("rowid + 1").alias(LINE)
    return con.table(f"json_{number}").select(counted, ColumnExpression("raw"), ColumnExpression("is_object"))


def _json_keys(con: duckdb.DuckDBPyConnection, lines: duckdb.DuckDBPyRelation) -> list[str]:
    keys = lines.filter("is_object").select(SQLExpression("unnest(json_keys(raw))").alias("name"))
    return [name for (name,) in keys.distinct().order("name").fetchall()]


def _json_text(key: str) -> Expression:
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    path = ConstantExpression(f'$."{quoted}"')
    return FunctionExpression("json_extract_string", ColumnExpression("raw"), path)


def _refuse_array(given: Input, path: Path) -> None:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        if file.read(4096).lstrip().startswith("["):
            raise InputError(
                f"{given.label} is one JSON array. Write one object per line (JSON lines), "
                "for example with `jq -c '.[]'`."
            )
