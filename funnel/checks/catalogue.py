"""All checks: from the query files, the keys of the models, the staging schema and rules.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from funnel.checks import rules
from funnel.checks.check import LAYERS, OWNERS, SEVERITIES, Check, Rule
from funnel.checks.query_file import read_queries
from funnel.contract.document import Item, read_document
from funnel.sources.schema import SCHEMA, StagingTable
from funnel.warehouse.model import Model, read_models

RULES = Path(__file__).parent / "rules.yaml"
LAYER_OF = {"run": "landed", "contract": "core", "staging": "staging", "core": "core", "marts": "marts"}
"""Schema of the table that a rule is about -> the layer that its check is shown under."""


def all_checks() -> tuple[Check, ...]:
    """Return every check, ordered by layer, then those of files before those generated, then by name."""
    told = read_document(RULES).keys(
        ("references", "accepted", "ranges", "row_counts", "staging_references"), "the rules"
    )
    models = {model.name: model for model in read_models()}
    found = [
        *read_queries(),
        *_row_counts(told["row_counts"]),
        *(check for table in SCHEMA.values() for check in _staging(table)),
        *_staging_references(told["staging_references"]),
        *(_key(model.name, model.key) for model in models.values()),
        *_references(told["references"], models),
        *_accepted(told["accepted"], models),
        *_ranges(told["ranges"], models),
    ]
    return tuple(sorted(found, key=lambda check: LAYERS.index(check.layer)))


def _key(table: str, key: tuple[str, ...], needs: tuple[str, ...] = ()) -> Check:
    holds = (*(rules.not_null(table, key, column) for column in key), rules.unique(table, key))
    title = f"{table} has one row per {_and(key)}"
    return _check(f"{table} key", title, table, "critical", "operations", *holds, needs=needs)


def _staging(table: StagingTable) -> Iterator[Check]:
    name, key = f"staging.{table.name}", ("source", *table.key)
    yield _key(name, key, (table.name,))
    given = tuple(column for column in table.required if column not in table.key)
    if given:
        holds = [rules.not_null(name, key, column) for column in given]
        title = f"{name} always gives {_and(given)}"
        yield _check(f"{name} given", title, name, "warning", "operations", *holds, needs=(table.name,))
    if table.accepted:
        holds = [rules.accepted(name, key, column, values) for column, values in table.accepted.items()]
        title = f"{name} holds only accepted values of {_and(table.accepted)}"
        yield _check(f"{name} accepted", title, name, "warning", "operations", *holds, needs=(table.name,))


def _staging_references(told: Item) -> Iterator[Check]:
    for item in told.listed():
        members = item.keys(("from", "to"), "a reference")
        child, column = members["from"].words().split(".")
        parent, parent_column = members["to"].words().split(".")
        table, key = f"staging.{child}", ("source", *SCHEMA[child].key)
        rule = rules.refers_within_source(table, key, column, f"staging.{parent}", parent_column)
        title = f"{table}.{column} is in staging.{parent}"
        name = f"{table} {column} found"
        yield _check(name, title, table, "warning", "operations", rule, needs=(child, parent))


def _references(told: Item, models: Mapping[str, Model]) -> Iterator[Check]:
    for item in told.listed():
        members = item.keys(("from", "to"), "a reference")
        table, column = members["from"].words().rsplit(".", 1)
        parent, parent_column = members["to"].words().rsplit(".", 1)
        rule = rules.refers(table, models[table].key, (column,), parent, (parent_column,))
        name = f"{table} {column} in {parent}"
        yield _check(name, f"{table}.{column} is in {parent}", table, "critical", "operations", rule)


def _accepted(told: Item, models: Mapping[str, Model]) -> Iterator[Check]:
    for item in told.listed():
        members = item.keys(("column", "values"), "accepted values")
        table, column = members["column"].words().rsplit(".", 1)
        values = members["values"].labels()
        rule = rules.accepted(table, models[table].key, column, values)
        title = f"{table}.{column} is one of {_or(values)}"
        yield _check(f"{table} {column} known", title, table, "critical", "operations", rule)


def _ranges(told: Item, models: Mapping[str, Model]) -> Iterator[Check]:
    for item in told.listed():
        members = item.keys(("column", "low", "high", "severity", "owner"), "a range")
        table, column = members["column"].words().rsplit(".", 1)
        low, high = _number(members, "low"), _number(members, "high")
        rule = rules.between(table, models[table].key, column, low, high)
        title = f"{table}.{column} is {_range(low, high)}"
        yield _check(f"{table} {column} in range", title, table, _severity(members), _owner(members), rule)


def _row_counts(told: Item) -> Iterator[Check]:
    for item in told.listed():
        members = item.keys(("table", "low", "high", "title"), "a number of rows")
        table, high = members["table"].words(), _number(members, "high")
        rule = rules.row_count(table, int(members["low"].number()), None if high is None else int(high))
        yield _check(f"{table} rows", members["title"].words(), table, "critical", "operations", rule)


def _check(
    name: str,
    title: str,
    table: str,
    severity: str,
    owner: str,
    *holds: Rule,
    needs: tuple[str, ...] = (),
) -> Check:
    slug = name.replace(".", "_").replace(" ", "_")
    return Check(slug, title, LAYER_OF[table.split(".")[0]], severity, owner, table, holds, needs)


def _number(members: Mapping[str, Item], key: str) -> float | None:
    return members[key].number() if key in members else None


def _severity(members: Mapping[str, Item]) -> str:
    return members["severity"].choice(SEVERITIES, "a severity") if "severity" in members else "critical"


def _owner(members: Mapping[str, Item]) -> str:
    return members["owner"].choice(OWNERS, "an owner") if "owner" in members else "operations"


def _range(low: float | None, high: float | None) -> str:
    bounds = [f"at least {low:g}"] if low is not None else []
    return _and(bounds + ([f"at most {high:g}"] if high is not None else []))


def _and(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _or(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
