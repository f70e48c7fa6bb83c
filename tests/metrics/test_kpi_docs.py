"""docs/kpi.md cannot lie: it names every KPI, every metric with its call, and every column."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from funnel.contract.vocabulary import KPI_KINDS, KPI_TITLES
from funnel.metrics import kpi
from funnel.metrics.catalogue import ENTRIES

TEXT = (Path(__file__).parents[2] / "docs" / "kpi.md").read_text(encoding="utf-8")
METRICS = {name: getattr(kpi, name) for name in kpi.__all__}


def section(name: str) -> str:
    return re.split(r"^##", TEXT.split(f"### kpi.{name}\n")[1], flags=re.MULTILINE)[0]


def test_every_metric_has_a_section_and_every_section_a_metric() -> None:
    assert set(re.findall(r"^### kpi\.(\w+)$", TEXT, flags=re.MULTILINE)) == set(METRICS)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_section_opens_with_the_call_as_it_is_and_names_every_column(house, name: str) -> None:
    call = re.search(rf"`{name}\(([^`]*)\)`", section(name))
    assert call is not None
    named = [part.split("=")[0].strip(" *\n") for part in call[1].split(",")]
    assert [part for part in named if part] == list(inspect.signature(METRICS[name]).parameters)
    here = house()
    here.cycle("a", mql="2026-01-05")
    columns = set(map(str, METRICS[name](here.open()).columns))
    assert columns - set(re.findall(r"`([a-z_0-9]+)`", section(name))) == set()


def test_a_kpi_is_known_to_the_contract_the_catalogue_and_the_page() -> None:
    assert set(KPI_KINDS) == set(KPI_TITLES) == set(ENTRIES)
    assert {kpi for kpi in ENTRIES if f"`{kpi}`" not in section("scorecard")} == set()
