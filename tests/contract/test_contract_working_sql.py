"""Working time by the models that the build runs, and by the calendar alone, against other people's values."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.contract import Calendar, add_working_seconds, business_hours, working_seconds
from funnel.errors import UsageError
from funnel.warehouse.model import read_models
from funnel.warehouse.run_tables import days

ORACLE = Path(__file__).parents[3] / "shared" / "oracles" / "business_hours.json"
CASES: list[dict[str, Any]] = json.loads(ORACLE.read_text(encoding="utf-8")) if ORACLE.exists() else []
BETWEEN = [case for case in CASES if case["op"] == "working_seconds_between"]
ADDED = [case for case in CASES if case["op"] == "add_working_seconds"]
FORWARD = [case for case in ADDED if case["input"][1] > 0]
BACKWARD = [case for case in ADDED if case["input"][1] < 0]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MODELS = ("business_span", "business_bucket", "handoff_point", "handoff_clock", "handoff_due")
NINE_TO_FIVE = ((32_400, 61_200),)
OFFICE = (NINE_TO_FIVE,) * 5 + ((), ())

needs_oracle = pytest.mark.skipif(not CASES, reason="the reference values of shared/oracles are not here")


def seconds(hours: str) -> int:
    return int(hours[:2]) * 3600 + int(hours[3:]) * 60


def pairs(listed: list[list[str]]) -> tuple[tuple[int, int], ...]:
    return tuple((seconds(start), seconds(end)) for start, end in listed)


def calendar_of(case: dict[str, Any]) -> Calendar:
    return Calendar(
        case["id"],
        case["time_zone"],
        tuple(pairs(case["working_hours"].get(day, [])) for day in DAYS),
        free_on=tuple(date.fromisoformat(on) for on in case["holidays"]),
        holiday_hours=tuple((date.fromisoformat(on), pairs(h)) for on, h in case["holiday_hours"].items()),
    )


def utc(text: str) -> datetime:
    return pd.Timestamp(text).tz_convert("UTC").tz_localize(None).to_pydatetime()  # type: ignore[no-any-return]


def laid(asked: list[tuple[str, Calendar, datetime, datetime, int]]) -> duckdb.DuckDBPyConnection:
    """Run the models of the clocks for hand-offs: (name, calendar, start, touch, seconds owed)."""
    con = duckdb.connect()
    for schema in ("core", "contract", "run"):
        con.execute(f"create schema {schema}")
    tables = {
        "contract.business_hour": pd.concat([hours_of(*one) for one in asked], ignore_index=True),
        "run.day": days(
            min(min(a, b) for _, _, a, b, _ in asked).date() - timedelta(days=30),
            max(max(a, b) for _, _, a, b, _ in asked).date() + timedelta(days=30),
        ),
        "core.handoff_moment": pd.DataFrame(
            [
                (name, "v", calendar.name, point, moment)
                for name, calendar, start, touch, _ in asked
                for point, moment in (("start", start), ("touch", touch))
            ],
            columns=["handoff_id", "version", "calendar", "point", "moment_at"],
        ),
        "core.handoff_tier": pd.DataFrame(
            [
                (name, "v", calendar.name, "first_touch", "all", "business", owed, None)
                for name, calendar, *_, owed in asked
            ],
            columns=[
                "handoff_id",
                "version",
                "calendar",
                "sla",
                "tier",
                "clock",
                "within_seconds",
                "attempts",
            ],
        ),
    }
    for name, frame in tables.items():
        con.register("frame_to_write", frame)
        con.execute(f"create table {name} as select * from frame_to_write")
    con.execute(
        "create table core.handoff_pause (handoff_id varchar, paused_at timestamp, paused_elapsed bigint, "
        "resumed_elapsed bigint, paused_working bigint, resumed_working bigint, net_elapsed bigint, net_working bigint)"
    )
    sql = {model.name: model.sql for model in read_models()}
    for model in MODELS:
        con.execute(f"create table core.{model} as {sql[f'core.{model}']}")
    return con


def hours_of(name: str, calendar: Calendar, start: datetime, touch: datetime, owed: int) -> pd.DataFrame:
    first, last = min(start, touch).date(), max(start, touch).date()
    table = business_hours(calendar, first - timedelta(days=20), last + timedelta(days=20))
    return table.assign(version="v", calendar=calendar.name)


@pytest.fixture(scope="module")
def models() -> duckdb.DuckDBPyConnection:
    """Run the models over all cases of the oracle: what is to be added is owed; its result stands as the touch."""
    asked = [(c["id"], calendar_of(c), utc(c["input"][0]), utc(c["input"][1]), 1) for c in BETWEEN]
    asked += [(c["id"], calendar_of(c), utc(c["input"][0]), utc(c["expected"]), c["input"][1]) for c in ADDED]
    return laid(asked)


def clocked(con: duckdb.DuckDBPyConnection, name: str) -> Any:
    query = "select touch_working - start_working from core.handoff_clock where handoff_id = ?"
    return con.execute(query, [name]).fetchall()[0][0]


def due(con: duckdb.DuckDBPyConnection, name: str) -> Any:
    return con.execute("select due_at from core.handoff_due where handoff_id = ?", [name]).fetchall()[0][0]


@needs_oracle
@pytest.mark.parametrize("case", BETWEEN, ids=lambda c: c["id"])
def test_the_clock_of_a_hand_off_equals_the_oracle(
    models: duckdb.DuckDBPyConnection, case: dict[str, Any]
) -> None:
    """shared/oracles/business_hours.json, op working_seconds_between, through core.handoff_clock."""
    assert clocked(models, case["id"]) == case["expected"]


@needs_oracle
@pytest.mark.parametrize("case", FORWARD, ids=lambda c: c["id"])
def test_the_deadline_of_a_hand_off_equals_the_oracle(
    models: duckdb.DuckDBPyConnection, case: dict[str, Any]
) -> None:
    """shared/oracles/business_hours.json, op add_working_seconds forward, through core.handoff_due."""
    assert due(models, case["id"]) == utc(case["expected"])


@needs_oracle
@pytest.mark.parametrize("case", BACKWARD, ids=lambda c: c["id"])
def test_the_clock_runs_back_as_far_as_the_oracle_says(
    models: duckdb.DuckDBPyConnection, case: dict[str, Any]
) -> None:
    """shared/oracles/business_hours.json, op add_working_seconds backward: no deadline lies there, the clock reads it."""
    assert clocked(models, case["id"]) == case["input"][1]


@needs_oracle
@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_a_calendar_alone_equals_the_oracle(case: dict[str, Any]) -> None:
    """shared/oracles/business_hours.json, both operations, with the instants as they are written there."""
    calendar, (first, second) = calendar_of(case), case["input"]
    if case["op"] == "working_seconds_between":
        found: Any = working_seconds(calendar, datetime.fromisoformat(first), datetime.fromisoformat(second))
        assert found == case["expected"]
    else:
        found = add_working_seconds(calendar, datetime.fromisoformat(first), second)
        assert found == utc(case["expected"])


BERLIN = Calendar(
    "berlin", "Europe/Berlin", (((28_800, 43_200), (46_800, 61_200)),) * 5 + ((), ()), country="DE"
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    starts=st.lists(st.integers(0, 86_400 * 400), min_size=1, max_size=8),
    lengths=st.lists(st.integers(-86_400 * 30, 86_400 * 30), min_size=8, max_size=8),
    owed=st.integers(1, 400_000),
)
def test_models_and_calendar_agree_on_any_instants(starts: list[int], lengths: list[int], owed: int) -> None:
    begun = [datetime(2025, 11, 1) + timedelta(seconds=start) for start in starts]
    ends = [start + timedelta(seconds=length) for start, length in zip(begun, lengths, strict=False)]
    con = laid([("only", BERLIN, min([*begun, *ends]), max([*begun, *ends]), owed)])
    assert clocked(con, "only") == working_seconds(BERLIN, min([*begun, *ends]), max([*begun, *ends]))
    found = add_working_seconds(BERLIN, begun[0], owed)
    assert working_seconds(BERLIN, begun[0], found) == owed
    assert working_seconds(BERLIN, begun[0], found - timedelta(seconds=1)) == owed - 1
    back = add_working_seconds(BERLIN, begun[0], -owed)
    assert working_seconds(BERLIN, back, begun[0]) == owed
    assert working_seconds(BERLIN, back + timedelta(seconds=1), begun[0]) == owed - 1


def test_a_deadline_and_a_clock_outside_the_table_are_null_and_never_zero() -> None:
    office = Calendar("office", "UTC", OFFICE)
    con = laid([("a", office, datetime(2026, 3, 2, 10), datetime(2026, 3, 2, 11), 10**7)])
    assert due(con, "a") is None
    con.execute("update core.handoff_moment set moment_at = timestamp '1990-01-01' where point = 'touch'")
    for model in ("handoff_point", "handoff_clock"):
        con.execute(f"drop table core.{model}")
        con.execute(
            f"create table core.{model} as {next(m.sql for m in read_models() if m.name == f'core.{model}')}"
        )
    assert clocked(con, "a") is None


def test_no_working_time_is_added_by_nothing_and_none_is_found_where_there_is_none() -> None:
    office = Calendar("office", "UTC", OFFICE)
    sunday = datetime(2026, 3, 1, 12)
    assert add_working_seconds(office, sunday, 0) == sunday
    once = Calendar("once", "UTC", ((),) * 7, holiday_hours=((date(2026, 3, 2), NINE_TO_FIVE),))
    assert add_working_seconds(once, sunday, 28_800) == datetime(2026, 3, 2, 17)
    with pytest.raises(
        UsageError, match="Calendar once does not hold 28,801 working seconds within 60 years"
    ):
        add_working_seconds(once, sunday, 28_801)


def test_a_deadline_at_closing_is_the_closing_and_backward_at_opening_the_opening() -> None:
    office = Calendar("office", "UTC", OFFICE)
    monday = datetime(2026, 3, 2, 9)
    assert add_working_seconds(office, monday, 28_800) == datetime(2026, 3, 2, 17)
    assert add_working_seconds(office, monday, 28_801) == datetime(2026, 3, 3, 9, 0, 1)
    assert add_working_seconds(office, datetime(2026, 3, 3, 9), -28_800) == monday
