"""docs/bridges.md cannot lie: it names every bridge with its call, and every column and line."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from funnel.metrics import bridge
from funnel.metrics.bridge.chain import STEPS
from funnel.metrics.bridge.told import LINES

TEXT = (Path(__file__).parents[2] / "docs" / "bridges.md").read_text(encoding="utf-8")
DAYS = {"start_on": "2026-03-01", "end_on": "2026-07-01"}
GIVEN = {
    "counts": {"kpi": "mql"},
    "count_rows": {"kpi": "mql", "line": "start"},
    "pipeline": DAYS,
    "pipeline_rows": DAYS | {"line": "new"},
    "change": {"kpi": "mql", "now": ("2026-03-01", "2026-04-01"), "before": ("2026-02-01", "2026-03-01")},
}


def section(name: str) -> str:
    return re.split(r"^##", TEXT.split(f"### bridge.{name}\n")[1], flags=re.MULTILINE)[0]


@pytest.fixture(scope="module")
def built(full_world):
    con = full_world.cursor()
    con.execute(
        "create table if not exists run.source_table (source text, staging_table text, state text, n_rows bigint)"
    )
    return con


def test_every_bridge_is_documented() -> None:
    assert re.findall(r"^### bridge\.(\w+)$", TEXT, flags=re.MULTILINE) == list(GIVEN)
    assert sorted(GIVEN) == sorted(bridge.__all__)


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_a_section_opens_with_the_call_as_it_is_and_names_every_column(built, name: str) -> None:
    call = re.search(rf"`{name}\(([^`]*)\)`", section(name))
    assert call is not None
    named = [part.split("=")[0].strip(" *\n") for part in re.split(r",(?!\))", call[1])]
    function = getattr(bridge, name)
    assert [part for part in named if part] == list(inspect.signature(function).parameters)
    columns = set(function(built, **GIVEN[name]).columns)
    assert columns - set(re.findall(r"`([a-z_0-9]+)`", section(name))) == set()


def test_every_line_is_named() -> None:
    assert {name for name, _ in STEPS} <= set(re.findall(r"`(\w+)`", section("counts")))
    assert set(LINES) <= set(re.findall(r"`(\w+)`", section("pipeline")))
