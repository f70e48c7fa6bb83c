"""docs/handoff.md cannot lie: it names every metric with its call, and every column."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from funnel.contract import Calendar
from funnel.metrics import handoff, handoff_clock, handoff_wait, handoff_work

TEXT = (Path(__file__).parents[2] / "docs" / "handoff.md").read_text(encoding="utf-8")
METRICS = {
    name: function
    for module in (handoff_clock, handoff_wait, handoff_work)
    for name, function in vars(module).items()
    if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
}


def section(name: str) -> str:
    return re.split(r"^##", TEXT.split(f"### handoff.{name}\n")[1], flags=re.MULTILINE)[0]


@pytest.fixture(scope="module")
def built(full_world):
    con = full_world.cursor()
    con.execute(
        "create table if not exists run.source_table (source text, staging_table text, state text, n_rows bigint)"
    )
    return con


def test_every_metric_is_documented_and_at_hand_as_handoff() -> None:
    assert set(re.findall(r"^### handoff\.(\w+)$", TEXT, flags=re.MULTILINE)) == set(METRICS)
    assert all(getattr(handoff, name) is function for name, function in METRICS.items())


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_section_opens_with_the_call_as_it_is_and_names_every_column(built, name: str) -> None:
    call = re.search(rf"`{name}\(([^`]*)\)`", section(name))
    assert call is not None
    named = [part.split("=")[0].strip(" *") for part in call[1].split(",")]
    assert [part for part in named if part] == list(inspect.signature(METRICS[name]).parameters)
    columns = set(METRICS[name](built).columns) | set(
        METRICS[name](built, by="channel").columns if name == "clocks" else ()
    )
    assert columns - set(re.findall(r"`([a-z_0-9]+)`", section(name))) == set()


def test_every_split_is_named() -> None:
    assert all(re.search(rf"\b{name}\b", section("clocks")) for name in handoff_clock.BY)


def test_the_example_of_working_time_runs() -> None:
    """1 May is free: 30 April in Paris from 10 to 12 and 13 to 17 are six hours, 4 May from 9 to 10 one."""
    example = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert example
    scope: dict[str, object] = {}
    lines = example[1].replace("\nworking_seconds(", "\nfound = working_seconds(")
    exec(lines, scope)  # noqa: S102 -- our own documentation
    assert isinstance(scope["calendar"], Calendar)
    assert scope["found"] == 7 * 3600
