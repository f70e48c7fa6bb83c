"""Landed Parquet files as relations: every version of every row, and the latest of each key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
from duckdb import (
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    Expression,
    FunctionExpression,
    StarExpression,
)

from funnel.landing.header import STAMPS

KEY, HASH = "_key", "_hash"


def key_of(columns: Sequence[str]) -> Expression:
    """Return the key of a row as one text."""
    texts = [ColumnExpression(name).cast("VARCHAR") for name in columns]
    return (
        texts[0] if len(texts) == 1 else FunctionExpression("concat_ws", ConstantExpression("\x1f"), *texts)
    )


def aligned(
    relation: duckdb.DuckDBPyRelation, types: Mapping[str, str], *more: Expression
) -> duckdb.DuckDBPyRelation:
    """Return the relation with exactly these columns, in this order; those it lacks are null."""
    there = set(relation.columns)
    columns = [
        ColumnExpression(name) if name in there else ConstantExpression(None).cast(kind).alias(name)
        for name, kind in types.items()
    ]
    return relation.select(*columns, *more)


def version_rows(
    con: duckdb.DuckDBPyConnection, files: Sequence[Path], types: Mapping[str, str]
) -> duckdb.DuckDBPyRelation:
    """Return all versions in these files with their stamps, tombstones included; no files, no rows."""
    stamped = {**types, **STAMPS}
    if not files:
        return aligned(con.sql("select null as nothing where false"), stamped)
    return aligned(con.read_parquet([str(file) for file in files], union_by_name=True), stamped)


def current_rows(
    con: duckdb.DuckDBPyConnection, files: Sequence[Path], types: Mapping[str, str], key: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """Return the latest version of each key, without rows that are gone, and with `first_observed_at` alone.

    `files` are in the order of their loads. Only keys that a later load touched are grouped, so that a table
    that hardly changes costs little more than reading it.
    """
    versions = version_rows(con, files, types)
    first = ColumnExpression("observed_at")
    if len(files) > 1:
        number = ColumnExpression("load_number")
        touched = version_rows(con, files[1:], types).select(key_of(key).alias(KEY)).distinct()
        keyed = versions.select(StarExpression(), key_of(key).alias(KEY))
        stamps = [
            ColumnExpression(KEY),
            FunctionExpression("max", number).alias("last_load"),
            FunctionExpression("min", first).alias("first_observed"),
        ]
        ends = (
            keyed.join(touched, KEY, how="semi").select(KEY, "load_number", "observed_at").aggregate(stamps)
        )
        versions = keyed.join(ends, KEY, how="left").filter("coalesce(last_load, load_number) = load_number")
        first = CoalesceOperator(ColumnExpression("first_observed"), first)
    seen = first.alias("first_observed_at")
    return versions.filter("not is_tombstone").select(*map(ColumnExpression, types), seen)
