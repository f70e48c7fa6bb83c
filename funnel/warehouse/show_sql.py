"""The SQL behind a table: what a metric asks the warehouse, ready to be pasted into a DuckDB shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import duckdb
from sqlglot import exp

from funnel.errors import UsageError, did_you_mean
from funnel.warehouse.model import read_models

PIECE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|\$(?P<name>\w+)|(?P<mark>\?)")


@dataclass(frozen=True)
class Shown:
    """Statements in the order in which they were run, each once; displays itself in a notebook."""

    title: str
    statements: tuple[str, ...]

    def __str__(self) -> str:
        return "\n\n".join(f"{statement};" for statement in self.statements)

    def _repr_markdown_(self) -> str:
        text = str(self)
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence = "`" * max(longest + 1, 3)
        return f"{fence}sql\n{text}\n{fence}"


class _Recorder:
    """A connection that keeps what it is asked to run; its cursors keep it in the same list."""

    def __init__(self, con: Any, kept: list[str]) -> None:
        self._con, self._kept = con, kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    def __enter__(self) -> _Recorder:
        self._con.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._con.__exit__(*raised)

    def cursor(self) -> _Recorder:
        return _Recorder(self._con.cursor(), self._kept)

    def execute(self, query: str, parameters: Any = None) -> Any:
        self._kept.append(filled(query, parameters))
        return self._con.execute(query, parameters)

    def sql(self, query: str, **given: Any) -> Any:
        self._kept.append(filled(query, given.get("params")))
        return self._con.sql(query, **given)


def show_sql(
    what: Callable[..., Any] | str, con: duckdb.DuckDBPyConnection | None = None, **given: Any
) -> Shown:
    """Return the SQL behind a table: `show_sql(conversion.funnel, con)` or `show_sql("marts.handoff")`.

    A metric is run on `con` with what is `given`, and each statement that it sent is shown once, in order,
    with its parameters written out; what it does with the rows after that is in its source. The name of a
    model gives the file that builds it. UsageError for an unknown model, or a metric without a connection.
    """
    if isinstance(what, str):
        return _model(what)
    if con is None:
        raise UsageError(
            f"{what.__name__} cannot be run without a warehouse. Write show_sql({what.__name__}, con, ...)."
        )
    kept: list[str] = []
    what(cast(duckdb.DuckDBPyConnection, _Recorder(con, kept)), **given)
    return Shown(what.__name__, tuple(dict.fromkeys(kept)))


def filled(query: str, parameters: Mapping[str, Any] | Sequence[Any] | None) -> str:
    """Return a query with its parameters ($name or ?) written out as literals of DuckDB."""
    if not parameters:
        return query.strip()
    marks = iter(()) if isinstance(parameters, Mapping) else iter(parameters)

    def one(found: re.Match[str]) -> str:
        if found["mark"] and not isinstance(parameters, Mapping):
            return literal(next(marks))
        name = found["name"]
        return literal(parameters[name]) if name and isinstance(parameters, Mapping) else found[0]

    return PIECE.sub(one, query).strip()


def literal(value: Any) -> str:
    """Return a value as DuckDB writes it; UsageError for a type that no parameter of ours has."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(each) for each in value)}]"
    if isinstance(value, float):  # a bare 0.1 would be a decimal
        return f"cast('{value!r}' as double)"
    try:
        return exp.convert(value).sql("duckdb")
    except ValueError:
        kind = type(value).__name__
        raise UsageError(f"A parameter of type {kind} cannot be written as SQL: {value!r}.") from None


def _model(name: str) -> Shown:
    models = {model.name: model for model in read_models()}
    if name not in models:
        raise UsageError(
            f"No model builds '{name}'.{did_you_mean(name, models)} Models: {', '.join(sorted(models))}."
        )
    return Shown(name, (models[name].sql.strip().rstrip(";"),))
