"""Let Great Expectations judge the checks, and tell a check that failed from one that broke."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import duckdb

from funnel.checks import dialect
from funnel.checks.check import Check, Rule


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations says of one rule; `error` is its message if the rule could not be judged."""

    check: Check
    rule: Rule
    holds: bool
    error: str | None = None


def judge(con: duckdb.DuckDBPyConnection, catalog: str, checks: Sequence[Check]) -> list[Verdict]:
    """Judge each rule of each check over the tables of `catalog`, which is attached to `con`.

    One suite is run per layer and table, in an ephemeral context: nothing is kept and nothing sent.
    """
    there = _tables(con, catalog)
    absent = "the table is not in the warehouse"
    missing = [Verdict(c, rule, False, absent) for c in checks if c.table not in there for rule in c.rules]
    by_schema = _grouped((check for check in checks if check.table in there), lambda c: c.table.split(".")[0])
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    with dialect.lend(con, catalog) as name:
        found = [
            verdict
            for schema, members in by_schema.items()
            for verdict in _judge_schema(gx, context, dialect.url(name, schema), members)
        ]
    return missing + found


def suite_name(check: Check) -> str:
    """Return the suite that a check belongs to: its layer and table."""
    return f"{check.layer}: {check.table}"


def _tables(con: duckdb.DuckDBPyConnection, catalog: str) -> set[str]:
    found = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = $catalog "
        "union all select schema_name || '.' || view_name from duckdb_views() where database_name = $catalog",
        {"catalog": catalog},
    )
    return {name for (name,) in found.fetchall()}


def _grouped(checks: Iterable[Check], key: Callable[[Check], str]) -> dict[str, list[Check]]:
    grouped: dict[str, list[Check]] = {}
    for check in checks:
        grouped.setdefault(key(check), []).append(check)
    return grouped


def _judge_schema(gx: ModuleType, context: Any, url: str, checks: list[Check]) -> list[Verdict]:
    suites = _grouped(checks, suite_name)
    # all assets at once: the context writes itself out anew for each that is added later
    assets = [
        {"type": "table", "name": suite, "table_name": members[0].table.split(".")[1]}
        for suite, members in suites.items()
    ]
    source = context.data_sources.add_sql(url, connection_string=url, assets=assets)
    found = [_judge_suite(gx, source.get_asset(suite), suite, members) for suite, members in suites.items()]
    source.get_engine().dispose()
    return [verdict for verdicts in found for verdict in verdicts]


def _judge_suite(gx: ModuleType, asset: Any, suite: str, checks: list[Check]) -> list[Verdict]:
    told = gx.ExpectationSuite(name=suite)
    # a suite keeps one of equal expectations, so equal rules share their result
    asked = {_identity(rule): (check, rule) for check in checks for rule in check.rules}
    for identity, (check, rule) in asked.items():
        told.add_expectation(
            _kind(gx, rule)(**rule.arguments, severity=check.severity, meta={"rule": identity})
        )
    batch = asset.get_batch(asset.build_batch_request())
    results = batch.validate(told, result_format="BOOLEAN_ONLY").results
    found = {result.expectation_config.meta["rule"]: result for result in results}
    return [_verdict(check, rule, found[_identity(rule)]) for check in checks for rule in check.rules]


def _kind(gx: ModuleType, rule: Rule) -> Any:
    from funnel.checks import expectation

    return getattr(expectation, rule.expectation, None) or getattr(gx.expectations, rule.expectation)


def _identity(rule: Rule) -> str:
    return f"{rule.expectation} {sorted(rule.arguments.items())}"


def _verdict(check: Check, rule: Rule, result: Any) -> Verdict:
    messages = list(_raised(result.exception_info))
    # bool: some expectations answer with numpy's
    return Verdict(check, rule, bool(result.success), _first_line(messages[0]) if messages else None)


def _raised(info: dict[str, Any]) -> Iterator[str]:
    """Yield the message of each exception; there is one entry per metric when metrics raised."""
    if "raised_exception" in info:
        if info["raised_exception"]:
            yield str(info["exception_message"])
        return
    for name in sorted(info):
        yield from _raised(info[name])


def _first_line(message: str) -> str:
    return message.strip().split("\n")[0]


@contextmanager
def _without_iri_grammar() -> Iterator[None]:
    """Spare 2 of 5 seconds: jsonschema, four imports down, compiles a grammar of IRIs where it finds one."""
    name = "rfc3987_syntax"
    hidden = name not in sys.modules
    if hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # reads as: not installed
    try:
        yield
    finally:
        if hidden:
            del sys.modules[name]


def _great_expectations() -> ModuleType:
    """Import it only now, as it takes seconds; its usage statistics are off, its import warnings ignored."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings(), _without_iri_grammar():
        # it imports sre_constants and sre_parse, which Python calls deprecated
        warnings.filterwarnings("ignore", r"module 'sre_\w+' is deprecated", DeprecationWarning)
        import great_expectations as gx
        import great_expectations.expectations
    return gx
