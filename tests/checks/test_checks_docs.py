"""docs/checks.md names every check and every limit, with what is true of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.checks.catalogue import all_checks
from funnel.checks.check import Check
from funnel.checks.query_file import read_queries
from funnel.checks.thresholds import Threshold, load_thresholds

DOCS = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("check", read_queries(), ids=lambda check: check.name)
def test_every_query_file_is_told_as_it_is(check: Check) -> None:
    needs = ", ".join(check.needs)
    assert f"| `{check.name}` | {check.title} | {check.severity} | {check.owner} | {needs} |" in DOCS


@pytest.mark.parametrize("limit", load_thresholds(Path("none")), ids=lambda limit: limit.name)
def test_every_limit_is_told_as_it_is(limit: Threshold) -> None:
    assert f"| `{limit.name}` | {limit.value:g} | {limit.unit} | {limit.meaning} |" in DOCS


def test_every_limit_is_used_by_a_check_and_every_one_used_exists() -> None:
    names = {limit.name for limit in load_thresholds(Path("none"))}
    queries = " ".join(rule.failing for check in read_queries() for rule in check.rules)
    assert {name for name in names if f"'{name}'" in queries} == names


def test_generated_checks_are_named_as_the_docs_say() -> None:
    generated = {check.name for check in all_checks()} - {check.name for check in read_queries()}
    endings = ("_key", "_given", "_accepted", "_found", "_known", "_in_range", "_rows")
    assert {name for name in generated if not name.endswith(endings) and "_in_" not in name} == set()
