"""The SQL models: one file, one table; read, ordered by what they select from, and run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from funnel.errors import InputError, did_you_mean

FOLDER = Path(__file__).parent.parent / "models"
LAYERS = ("core", "marts")


@dataclass(frozen=True)
class Model:
    """One SQL file: `name` is schema.table; `grain`, `key` and `time` are its header; `reads` its tables."""

    name: str
    file: Path
    sql: str
    grain: str
    key: tuple[str, ...]
    time: str
    reads: frozenset[str]


def read_model(file: Path) -> Model:
    """Return the model in `file`; InputError if a header line is missing or the SQL cannot be parsed."""
    sql = file.read_text(encoding="utf-8")
    head = sql.splitlines()[:3]
    if len(head) < 3 or not (
        head[0].startswith("-- One row per ")
        and head[1].startswith("-- key: ")
        and head[2].startswith("-- time: ")
    ):
        raise InputError(
            f"{file} lacks its header. A model opens with three lines: "
            "'-- One row per ...', '-- key: a, b', '-- time: ...'."
        )
    name = f"{file.parent.name}.{file.stem}"
    key = tuple(part.strip() for part in head[1].removeprefix("-- key: ").split(","))
    return Model(
        name,
        file,
        sql,
        head[0].removeprefix("-- "),
        key,
        head[2].removeprefix("-- time: "),
        _reads(file, sql),
    )


def _reads(file: Path, sql: str) -> frozenset[str]:
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except sqlglot.errors.ParseError as error:
        raise InputError(f"{file} cannot be parsed: {error}") from error
    return frozenset(f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db)


@cache
def read_models(folder: Path = FOLDER) -> tuple[Model, ...]:
    """Return all models in `folder`, each after those it reads; InputError for a circle or unknown table."""
    models = {m.name: m for layer in LAYERS for m in map(read_model, sorted((folder / layer).glob("*.sql")))}
    for model in models.values():
        _refuse_unknown(model, models)
    graph = {name: sorted(model.reads & models.keys()) for name, model in sorted(models.items())}
    try:
        return tuple(models[name] for name in TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise InputError(f"The models go in a circle: {' -> '.join(error.args[1])}.") from error


def _refuse_unknown(model: Model, models: dict[str, Model]) -> None:
    unknown = sorted(t for t in model.reads if t.split(".")[0] in LAYERS and t not in models)
    if unknown:
        raise InputError(
            f"{model.file} reads {unknown[0]}, which no model builds.{did_you_mean(unknown[0], models)}"
        )


def run_models(
    con: duckdb.DuckDBPyConnection, models: Iterable[Model], told: Callable[[str], None] = lambda name: None
) -> None:
    """Create one table per model in the order given; InputError with file, line and SQL when one fails."""
    for layer in LAYERS:
        con.execute(f"create schema if not exists {layer}")
    for model in models:
        told(model.name)
        try:
            con.execute(f"create table {model.name} as\n{model.sql}")
        except duckdb.Error as error:
            raise InputError(_failure(model, str(error))) from error


def _failure(model: Model, message: str) -> str:
    line = next(
        (int(p) - 1 for a, p in _pairs(message.replace(":", " ").split()) if a == "LINE" and p.isdigit()),
        None,
    )
    lines = model.sql.splitlines()
    where = f"{model.file}, line {line}" if line else str(model.file)
    shown = f"\n    {lines[line - 1].strip()}" if line and 0 < line <= len(lines) else ""
    return f"The model {model.name} failed ({where}):{shown}\n{message.strip()}\nIts SQL:\n{model.sql}"


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(itertools.pairwise(words))
