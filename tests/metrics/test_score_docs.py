"""docs/score.md cannot lie: it names every metric with its call, and every column."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from score_world import company, warehouse

from funnel.metrics import score
from funnel.metrics.score import rows

TEXT = (Path(__file__).parents[2] / "docs" / "score.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    return re.split(r"^##", TEXT.split(f"### score.{name}\n")[1], flags=re.MULTILINE)[0]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory):
    con = warehouse(tmp_path_factory.mktemp("small"), company(4, 60))
    yield con
    con.close()


def test_every_metric_is_documented_and_no_other() -> None:
    assert set(re.findall(r"^### score\.(\w+)$", TEXT, flags=re.MULTILINE)) == set(score.__all__)


@pytest.mark.parametrize("name", score.__all__)
def test_a_section_opens_with_the_call_as_it_is_and_names_every_column(small, name: str) -> None:
    metric = getattr(score, name)
    call = re.search(rf"`{name}\(([^`]*)\)`", section(name))
    assert call is not None
    named = [part.split("=")[0].strip(" *") for part in call[1].split(",")]
    assert [part for part in named if part] == list(inspect.signature(metric).parameters)
    assert set(metric(small).columns) - set(re.findall(r"`([a-z_0-9]+)`", section(name))) == set()


def test_the_least_numbers_are_those_of_the_code() -> None:
    assert f"fewer than {rows.FEWEST} hand-offs, or fewer than {rows.FEWEST_EACH} that converted" in TEXT
