"""Journeys against values made by others: product_funnel.json (PostHog) and window_funnel.json (ClickHouse), every case."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from funnel.metrics import journey

ORACLES = Path(__file__).parents[3] / "shared" / "oracles"


def cases(name: str) -> list[Any]:
    """Return the cases of a file; where it is absent one that asks `shared`, which says so and skips."""
    file = ORACLES / name
    if not file.is_file():
        return [pytest.param(None, id="absent")]
    return [pytest.param(case, id=case["id"]) for case in json.loads(file.read_text(encoding="utf-8"))]


@pytest.fixture
def con(shared: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as open_con:
        yield open_con


@pytest.mark.parametrize("case", cases("window_funnel.json"))
def test_the_level_is_the_one_that_clickhouse_reaches(con, case) -> None:
    events = pd.DataFrame(case["events"]).rename(columns={"ts": "happened_at"}).assign(subject_id="one")
    found = journey.levels(
        con,
        events=events,
        steps=[journey.match(**{step["field"]: step["value"]}) for step in case["steps"]],
        window_seconds=case["window"],
        modes=[mode for mode in case["modes"] if mode != "strict_once"],
        reuse_events="strict_once" not in case["modes"],
    )
    assert found[["subject_id", "level"]].values.tolist() == [["one", case["expected_level"]]]


def question(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case of product_funnel.json as the arguments of `journey.funnel`."""
    rows = [
        {
            "subject_id": event["person"],
            "happened_at": pd.Timestamp(event["ts"]),
            "event": event["event"],
            **event.get("properties", {}),
        }
        for event in case["events"]
    ]
    return {
        "events": pd.DataFrame(rows),
        "steps": [step(one) for one in case["steps"]],
        "within_days": case["window_seconds"] / 86400,
        "order": case["order"],
        "exclude": [
            journey.exclusion(step(one), after=one["from_step"] + 1, before=one["to_step"] + 1)
            for one in case["exclusions"]
        ],
    }


def step(one: dict[str, Any]) -> journey.Step:
    named = {} if one["event"] is None else {"event": one["event"]}
    return journey.match(**named, **one.get("properties", {}))


def times_by_step(con, asked) -> Callable[[str], list[float | None]]:
    table = journey.funnel(con, **asked)
    return lambda column: [None if pd.isna(value) else value for value in table[column]]


@pytest.mark.parametrize("case", cases("product_funnel.json"))
def test_counts_persons_and_times_are_those_of_posthog(con, case) -> None:
    asked, expected = question(case), case["expected"]
    read = times_by_step(con, asked)
    checks: dict[str, Callable[[Any], Any]] = {
        "counts": lambda _: read("n"),
        "first_count": lambda _: read("n")[0],
        "average_conversion_time": lambda wanted: read("average_seconds")[: len(wanted)],
        "median_conversion_time": lambda wanted: read("median_seconds")[: len(wanted)],
        "persons": lambda wanted: {at: listed(con, int(at), asked) for at in wanted},
        "time_to_convert": lambda wanted: time_to_convert(con, wanted, asked),
        "timezone": lambda wanted: wanted,
    }
    found = {name: checks[name](wanted) for name, wanted in expected.items()}
    if "persons" in expected:
        expected = {**expected, "persons": {at: sorted(names) for at, names in expected["persons"].items()}}
    assert found == expected


def listed(con, at: int, asked: dict[str, Any]) -> list[str]:
    return journey.persons(con, step=at, **asked)["subject_id"].tolist()


def time_to_convert(con, wanted: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    pair = {"from_step": wanted["from_step"] + 1, "to_step": wanted["to_step"] + 1}
    times, bins = journey.times(con, **pair, **asked), journey.bins(con, **pair, **asked)
    found = {
        **wanted,
        "average": bins["average_seconds"].iloc[0],
        "bins": bins[["from_seconds", "n"]].values.tolist(),
    }
    if "seconds" in wanted:
        found["seconds"] = dict(zip(times["subject_id"], times["seconds"], strict=True))
    return found
