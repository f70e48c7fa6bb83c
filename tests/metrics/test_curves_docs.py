"""docs/curves.md cannot lie: every curve and forecast has a section, the section its call and every column."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from funnel.metrics import curve, duration, forecast

DOC = Path(__file__).parents[2] / "docs" / "curves.md"
MODULES = {"curve": curve, "duration": duration, "forecast": forecast}
PAIR = {"from_stage": "mql", "to_stage": "won"}
GIVEN = {
    "curve.endings": PAIR,
    "curve.first_touch": {"clock": "elapsed"},
    "forecast.cohorts": PAIR | {"within_days": 30},
}
CLOCK = "start_elapsed bigint, start_working bigint, touch_end_elapsed bigint, touch_end_working bigint, "


def sections() -> dict[str, str]:
    parts = re.split(r"^### ([a-z_]+\.[a-z_]+)$", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: re.split(r"\n##", text)[0] for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_curve_has_a_section_and_every_section_a_curve() -> None:
    public = {
        f"{name}.{function}"
        for name, module in MODULES.items()
        for function in getattr(module, "__all__", ())
    }
    assert set(sections()) == public


@pytest.mark.parametrize("name", sorted(sections()))
def test_a_section_names_every_column_of_its_table(house, name: str) -> None:
    here = house()
    here.con.execute("create table if not exists contract.business_hour (version text, calendar text, "
                     "starts_at timestamp, ends_at timestamp, seconds_before bigint)")  # fmt: skip
    here.con.execute(f"create table if not exists core.handoff_clock (handoff_id text, {CLOCK}"
                     "is_start_exact boolean, is_touch_exact boolean, as_of_elapsed bigint, as_of_working bigint)")  # fmt: skip
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
    named = [part.split("=")[0].strip(" *") for part in call[1].split(",")]
    assert [part for part in named if part] == [one.name for one in asked]
