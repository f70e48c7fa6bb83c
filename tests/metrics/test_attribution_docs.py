"""docs/attribution.md and docs/feedback-loop.md cannot lie: each metric has a section with its call and all columns."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from funnel.metrics import attribution, loop
from funnel.metrics.attribution.asked import BY

DOCS = Path(__file__).parents[2] / "docs"
METRICS = {
    f"attribution.{name}": getattr(attribution, name) for name in attribution.__all__ if name != "RULES"
} | {f"loop.{name}": getattr(loop, name) for name in ("weekly", "precedence")}
TEXT = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("attribution.md", "feedback-loop.md"))
SECTIONS = dict(re.findall(r"^### (\w+\.\w+)\n(.*?)(?=^##|^# |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def built(full_world):
    con = full_world.cursor()
    con.execute(
        "create table if not exists run.source_table (source text, staging_table text, state text, n_rows bigint)"
    )
    return con


def test_every_metric_has_a_section_and_every_section_a_metric() -> None:
    assert set(SECTIONS) == set(METRICS)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_section_opens_with_the_call_and_names_every_column(built, name: str) -> None:
    function = METRICS[name]
    asked = inspect.signature(function).parameters
    call = re.search(rf"`{function.__name__}\(([^`]*)\)`", SECTIONS[name])
    assert call is not None
    named = [part.split("=")[0].strip(" *\n") for part in call[1].split(",")]
    assert [part for part in named if part] == list(asked)
    table = function(built, **({"by": "channel"} if "by" in asked else {}))
    assert set(map(str, table.columns)) - set(re.findall(r"`([a-z_0-9]+)`", SECTIONS[name])) == set()


def test_every_rule_and_split_is_named() -> None:
    for word in (*attribution.RULES, *BY):
        assert f"`{word}`" in TEXT


def test_every_definition_is_named_by_its_words() -> None:
    from funnel.metrics.attribution.origin import DEFINITIONS

    for title, _, _ in DEFINITIONS.values():
        assert f"| {title} |" in TEXT


def test_every_series_is_named() -> None:
    for name in loop.SERIES:
        assert f"| {name} |" in TEXT
