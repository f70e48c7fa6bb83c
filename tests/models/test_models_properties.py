"""Whatever the rows: their order, and the loads that brought them, make no difference to any table."""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world import CONTRACT, call, changes, lead, world

from funnel.landing import land
from funnel.project import Project
from funnel.warehouse import build, connect

EXAMPLES = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
STATUSES = ["New", "MQL", "Accepted", "Qualified", "Nurture", "Disqualified"]
START = datetime(2026, 3, 2, 9)
# few instants, so that many events share one
HOURS = st.integers(0, 30).map(lambda n: n * 7)
HISTORY = st.lists(st.tuples(HOURS, st.sampled_from(STATUSES)), max_size=7)
PEOPLE = st.lists(st.tuples(HISTORY, st.integers(0, 2), st.lists(HOURS, max_size=2)), min_size=2, max_size=5)


LATER = "after as_of"


def at(hours: int) -> str:
    return str(START + timedelta(hours=hours))


def tables_of(people: list[Any]) -> dict[str, list[dict[str, Any]]]:
    """Return staging rows of leads, of whom some share an address, with their histories and calls."""
    person, attribute_event, activity = [], [], []
    for number, (history, address, calls) in enumerate(people):
        name = f"l{number}"
        steps = [(at(hours), status) for hours, status in sorted(history, key=lambda step: step[0])]
        email = f"p{address}@x.example" if address else None
        now = steps[-1][1] if steps else "New"
        person.append(lead(name, at(0), status=now, email=email, score=50 + 10 * number, owner_id="r"))
        attribute_event += changes(name, "status", *steps, first="New")
        activity += [call(f"{name} {place}", name, at(hours)) for place, hours in enumerate(calls)]
    return {"person": person, "attribute_event": attribute_event, "activity": activity}


def contents(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    names = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where schema_name in ('core', 'marts') order by 1"
    ).fetchall()
    return {name: con.execute(f"select * from {name} order by all").fetchall() for (name,) in names}


@EXAMPLES
@given(people=PEOPLE, seed=st.integers(0, 99))
def test_the_order_of_the_input_rows_makes_no_difference(tmp_path_factory, people, seed):
    given_rows = tables_of(people)
    mixed = {name: random.Random(seed).sample(rows, len(rows)) for name, rows in given_rows.items()}
    first, second = (
        contents(world(tmp_path_factory.mktemp("world"), **rows)) for rows in (given_rows, mixed)
    )
    assert first["marts.cycle"]
    assert first == second


def write(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        if rows:
            with (folder / f"{name}.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)


def landed(root: Path, loads: list[dict[str, list[dict[str, Any]]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the tables after these loads, which were all observed after as_of."""
    project = Project(root)
    project.contracts.mkdir(parents=True)
    (project.contracts / "1.yaml").write_text(CONTRACT)
    for number, tables in enumerate(loads):
        write(root / f"in{number}", tables)
        land(project, "canonical", root / f"in{number}", observed_at=datetime(2026, 7, 2 + number))
    build(project, as_of=datetime(2026, 7, 1))
    with connect(project.warehouse) as con:
        found = contents(con)
    # when a load first showed a record differs, and lies after as_of: nothing may follow from it before
    return {
        name: [tuple(LATER if is_later(cell) else cell for cell in row) for row in rows]
        for name, rows in found.items()
    }


def is_later(cell: object) -> bool:
    return isinstance(cell, datetime) and cell > datetime(2026, 7, 1)


@settings(EXAMPLES, max_examples=2)
@given(people=PEOPLE, seed=st.integers(0, 99))
def test_the_loads_that_brought_the_rows_make_no_difference(tmp_path_factory, people, seed):
    whole = tables_of(people)
    chance = random.Random(seed)
    part = {name: [row for row in rows if chance.random() < 0.5] for name, rows in whole.items()}
    part["person"] = part["person"] or whole["person"][:1]
    at_once = landed(tmp_path_factory.mktemp("once"), [whole])
    in_two = landed(tmp_path_factory.mktemp("twice"), [part, whole])
    assert at_once["marts.cycle"]
    assert at_once == in_two


@pytest.mark.parametrize("steps", [["MQL", "Accepted"], ["Accepted", "MQL"]])
def test_two_changes_in_one_second_are_taken_in_funnel_order_whichever_row_comes_first(make_world, steps):
    rows = changes("a", "status", *((at(24), status) for status in steps), first="New")
    con = make_world(person=[lead("a", at(0), status=steps[-1])], attribute_event=rows)
    assert con.execute("select stage, is_backward from core.stage_event order by place").fetchall() == [
        ("inquiry", False),
        ("mql", False),
        ("sal", False),
    ]


def test_a_stage_passed_within_a_second_may_be_entered_again_later(make_world):
    steps = [(at(24), "MQL"), (at(24), "Accepted"), (at(48), "MQL")]
    con = make_world(
        person=[lead("a", at(0), status="MQL")], attribute_event=changes("a", "status", *steps, first="New")
    )
    assert con.execute("select stage, is_backward from core.stage_event order by place").fetchall() == [
        ("inquiry", False),
        ("mql", False),
        ("sal", False),
        ("mql", True),
    ]
