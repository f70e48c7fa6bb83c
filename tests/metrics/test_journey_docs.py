"""docs/journeys.md cannot lie: every table has a section that names its arguments and every column."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from funnel.metrics import journey

DOC = (Path(__file__).parents[2] / "docs" / "journeys.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### journey\.(\w+)\n(.*?)(?=^##)", DOC, flags=re.MULTILINE | re.DOTALL))
EVENTS = pd.DataFrame({"subject_id": "p", "happened_at": [0, 1], "event": ["a", "b"]})
STEPS = [journey.match(event="a"), journey.match(event="b")]
ASKED = {"events": EVENTS, "steps": STEPS, "within_days": 1, "by": "event"}
CALLS = {
    "funnel": ASKED,
    "persons": {**ASKED, "step": 2},
    "times": {**ASKED, "from_step": 1, "to_step": 2},
    "bins": {**ASKED, "from_step": 1, "to_step": 2},
    "levels": {"events": EVENTS, "steps": STEPS, "window_seconds": 1},
}


def test_every_table_has_a_section() -> None:
    assert set(SECTIONS) == set(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_section_names_the_arguments_and_every_column(name) -> None:
    call, _, words = SECTIONS[name].partition("\n")
    arguments = [
        str(one).split(":")[0] for one in inspect.signature(getattr(journey, name)).parameters.values()
    ]
    plain = [argument.lstrip("*").split("=")[0].strip() for argument in arguments]
    asked = re.findall(r"\w+", call.partition("(")[2])
    assert asked == plain
    with duckdb.connect() as con:
        table = getattr(journey, name)(con, **CALLS[name])
    columns = set(map(str, table.columns))
    named = set(re.findall(r"`(\w+)`", words))
    assert columns - named - {"low", "high"} == set()


def test_the_sources_and_columns_of_steps_are_all_named() -> None:
    from funnel.metrics.journey.step import SOURCES

    for source, columns in SOURCES.items():
        listed = re.search(rf"`{source}`\s+\(([^);]*)", DOC)
        assert listed is not None
        assert re.findall(r"\w+", listed[1]) == list(columns)
