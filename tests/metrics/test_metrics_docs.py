"""docs/metrics.md cannot lie: every metric has a section, the section its call and every column."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from funnel.metrics import conversion, finding, handoff, health, overlap, quality, recycle, velocity

DOC = Path(__file__).parents[2] / "docs" / "metrics.md"
MODULES = {
    module.__name__.rsplit(".", 1)[1]: module
    for module in (conversion, finding, handoff, health, overlap, quality, recycle, velocity)
}
PAIR = {"from_stage": "mql", "to_stage": "won"}
GIVEN = {
    "conversion.cohorts": PAIR | {"within_days": 30},
    "conversion.by_dimension": PAIR | {"within_days": 30, "dimension": "channel"},
    "conversion.to_date": {"dimension": "channel"},
    "conversion.rate": PAIR | {"convention": "cohort", "within_days": 30},
    "conversion.conventions": PAIR | {"within_days": 30},
    "conversion.orders": PAIR | {"within_days": 30},
    "conversion.paths": {"from_stage": "mql", "within_days": 30, "order": "strict"},
    "conversion.same_age": PAIR | {"within_days": 30},
    "conversion.segments": PAIR | {"within_days": 30},
    "conversion.mix": PAIR | {"within_days": 30, "by": "channel"},
    "conversion.entries": {"stage": "mql", "period": "month"},
    "velocity.between": PAIR,
    "quality.acceptance": {"dimension": "channel"},
}
INNER = {"conversion.course", "velocity.closing", "handoff.tally", "health.sources", "velocity.steps"}


def sections() -> dict[str, str]:
    parts = re.split(r"^### (\S+)$", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: text.split("\n## ")[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def public() -> set[str]:
    return {
        f"{name}.{function}"
        for name, module in MODULES.items()
        for function, value in vars(module).items()
        if inspect.isfunction(value)
        and not function.startswith("_")
        and (value.__module__ == module.__name__ or function in getattr(module, "__all__", ()))
    }


def test_every_metric_has_a_section_and_every_section_a_metric() -> None:
    assert set(sections()) == public() - INNER


@pytest.mark.parametrize("name", sorted(sections()))
def test_a_section_names_every_column_of_its_metric(house, name: str) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05")
    module, function = name.split(".")
    table = getattr(MODULES[module], function)(here.open(), **GIVEN.get(name, {}))
    named = set(re.findall(r"`([a-z_0-9]+)`", sections()[name]))
    assert set(map(str, table.columns)) - named == set()


@pytest.mark.parametrize("name", sorted(sections()))
def test_a_section_opens_with_the_call_as_it_is(name: str) -> None:
    module, function = name.split(".")
    asked = inspect.signature(getattr(MODULES[module], function)).parameters.values()
    call = re.search(rf"`{function}\(([^`]*)\)`", sections()[name])
    assert call is not None
    named = [part.split("=")[0].strip(" *\n") for part in call[1].split(",")]
    assert [part for part in named if part] == [one.name for one in asked]
