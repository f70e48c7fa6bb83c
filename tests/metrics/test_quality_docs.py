"""docs/quality.md cannot lie: it names every metric with its call, and every column."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from funnel.metrics import quality, quality_delivery, quality_evidence, quality_group, quality_heard
from funnel.metrics import quality_profile as profiled

TEXT = (Path(__file__).parents[2] / "docs" / "quality.md").read_text(encoding="utf-8")
INNER = {"refusals"}
METRICS = {
    name: function
    for module in (quality_group, profiled, quality_delivery, quality_evidence, quality_heard)
    for name, function in vars(module).items()
    if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    if name not in INNER
}
GIVEN = {name: {"dimension": "channel"} for name in ("groups", "limits", "heard")}


def section(name: str) -> str:
    return re.split(r"^##", TEXT.split(f"### quality.{name}\n")[1], flags=re.MULTILINE)[0]


@pytest.fixture(scope="module")
def built(full_world):
    con = full_world.cursor()
    con.execute(
        "create table if not exists run.source_table (source text, staging_table text, state text, n_rows bigint)"
    )
    return con


def test_every_metric_is_documented_and_at_hand_as_quality() -> None:
    assert set(re.findall(r"^### quality\.(\w+)$", TEXT, flags=re.MULTILINE)) == set(METRICS)
    assert all(getattr(quality, name) is function for name, function in METRICS.items())


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_section_opens_with_the_call_as_it_is_and_names_every_column(built, name: str) -> None:
    call = re.search(rf"`{name}\(([^`]*)\)`", section(name))
    assert call is not None
    named = [part.split("=")[0].strip(" *") for part in call[1].split(",")]
    assert [part for part in named if part] == list(inspect.signature(METRICS[name]).parameters)
    columns = set(METRICS[name](built, **GIVEN.get(name, {})).columns)
    assert columns - set(re.findall(r"`([a-z_0-9]+)`", section(name))) == set()


def test_every_test_of_a_claim_is_in_the_table_of_claims() -> None:
    claims = {*quality_evidence.TESTS, quality_evidence.NONE}
    assert claims <= set(re.findall(r"`([a-z ]+)`", section("evidence")))
