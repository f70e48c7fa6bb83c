"""docs/handoff.md and docs/recycling.md cannot lie: they name every metric with its call, and every column."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from funnel.contract import Calendar
from funnel.metrics import (
    capacity,
    capacity_level,
    capacity_week,
    handoff,
    handoff_ageing,
    handoff_arrival,
    handoff_clock,
    handoff_feedback,
    handoff_wait,
    handoff_work,
    overlap,
    overlap_outcome,
    overlap_touch,
    recycle,
    recycle_ledger,
    recycle_yield,
)

DOCS = Path(__file__).parents[2] / "docs"
TEXT = "\n".join((DOCS / name).read_text(encoding="utf-8") for name in ("handoff.md", "recycling.md"))
PARTS = {
    handoff: (
        *(handoff_ageing, handoff_arrival, handoff_clock, handoff_feedback, handoff_wait, handoff_work),
    ),
    capacity: (capacity_level, capacity_week),
    overlap: (overlap_outcome, overlap_touch),
    recycle: (recycle_ledger, recycle_yield),
}
INNER = {"recycle.waiting_days"}
METRICS = {
    f"{door.__name__.rsplit('.', 1)[1]}.{name}": function
    for door, modules in PARTS.items()
    for module in modules
    for name, function in vars(module).items()
    if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
METRICS = {name: function for name, function in METRICS.items() if name not in INNER}
GIVEN = {"handoff.by": {"dimension": "channel"}, "overlap.touches": {"by": "channel"}}


def section(name: str) -> str:
    return re.split(r"^##", TEXT.split(f"### {name}\n")[1], flags=re.MULTILINE)[0]


@pytest.fixture(scope="module")
def built(full_world):
    con = full_world.cursor()
    con.execute(
        "create table if not exists run.source_table (source text, staging_table text, state text, n_rows bigint)"
    )
    return con


def test_every_metric_is_documented_and_at_hand_at_its_door() -> None:
    assert set(re.findall(r"^### ([a-z]+\.\w+)$", TEXT, flags=re.MULTILINE)) == set(METRICS)
    doors = {door.__name__.rsplit(".", 1)[1]: door for door in PARTS}
    for name, function in METRICS.items():
        door, own = name.split(".")
        assert getattr(doors[door], own) is function


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_section_opens_with_the_call_as_it_is_and_names_every_column(built, name: str) -> None:
    own = name.split(".")[1]
    call = re.search(rf"`{own}\(([^`]*)\)`", section(name))
    assert call is not None
    named = [part.split("=")[0].strip(" *") for part in call[1].split(",")]
    assert [part for part in named if part] == list(inspect.signature(METRICS[name]).parameters)
    columns = set(METRICS[name](built, **GIVEN.get(name, {})).columns)
    if own == "clocks":
        columns |= set(METRICS[name](built, by="channel").columns)
    assert columns - set(re.findall(r"`([a-z_0-9]+)`", section(name))) == set()


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_docstring_names_every_column(built, name: str) -> None:
    said = set(re.findall(r"[a-z_0-9]+", inspect.getdoc(METRICS[name]) or ""))
    assert set(METRICS[name](built, **GIVEN.get(name, {})).columns) - said == set()


def test_every_split_is_named() -> None:
    assert all(re.search(rf"\b{name}\b", section("handoff.clocks")) for name in handoff_clock.BY)


def test_the_example_of_working_time_runs() -> None:
    """1 May is free: 30 April in Paris from 10 to 12 and 13 to 17 are six hours, 4 May from 9 to 10 one."""
    example = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert example
    scope: dict[str, object] = {}
    lines = example[1].replace("\nworking_seconds(", "\nfound = working_seconds(")
    exec(lines, scope)  # noqa: S102 -- our own documentation
    assert isinstance(scope["calendar"], Calendar)
    assert scope["found"] == 7 * 3600
