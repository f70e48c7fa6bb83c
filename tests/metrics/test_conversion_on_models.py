"""Conversion on warehouses that the real models build: clocks that change, visits, what later data may change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from world import CONTRACT, lead, world

from funnel.metrics import conversion, velocity
from funnel.metrics.convention import ORDERS

STAGES = ("mql", "sal", "sql", "demo", "won")
HEAD = CONTRACT.split("stages:")[0]
BY_EVENT = """
stages:
  - {name: mql, owner: marketing, hands_to: sales, entered_when: {event: [mql]}}
  - {name: sal, owner: sales, entered_when: {event: [sal]}}
  - {name: sql, owner: sales, entered_when: {event: [sql]}}
  - {name: demo, owner: sales, entered_when: {event: [demo]}}
  - {name: won, owner: sales, entered_when: {event: [won]}}
exits: {recycled: {event: [back]}, lost: {event: [lost]}}
verdict: {horizon: 30 days, landmark: 14 days}
"""
ASKED = {"from_stage": "mql", "to_stage": "sql"}
BASE, SOON = datetime(2026, 1, 5), datetime(2026, 1, 20)


def events(record_id: str, *steps: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Return stage events of a record: (label, instant, precision)."""
    return [
        {
            "event_id": f"{record_id} {number}",
            "record_id": record_id,
            "label": label,
            "entered_at": at,
            "entered_precision": precision,
        }
        for number, (label, at, precision) in enumerate(steps)
    ]


def built(folder, *people: list[dict[str, Any]], zone: str = "UTC", as_of: datetime = SOON) -> Any:
    """Return a warehouse of leads by their stage events, one lead per list."""
    persons = [lead(rows[0]["record_id"], "2025-01-01 00:00:00") for rows in people]
    text = (HEAD + BY_EVENT).replace("zone: UTC", f"zone: {zone}")
    rows = [row for one in people for row in one]
    return world(folder, contracts={"c.yaml": text}, person=persons, stage_event=rows, as_of=as_of)


def at(*labels: str, record_id: str = "a") -> list[dict[str, Any]]:
    """Return events of a record in the given order, each a day after the one before."""
    steps = [(label, str(BASE + timedelta(days=day)), "second") for day, label in enumerate(labels)]
    return events(record_id, *steps)


@pytest.mark.parametrize(
    ("week_on", "hours", "before", "after"),
    [
        ("2026-03-23", 167.0, "2026-03-22 22:59:59", "2026-03-29 22:00:00"),
        ("2025-10-20", 169.0, "2025-10-19 21:59:59", "2025-10-26 23:00:00"),
    ],
)
def test_a_week_of_the_change_of_clocks_has_its_own_hours_and_edges(
    tmp_path, rows, week_on: str, hours: float, before: str, after: str
) -> None:
    """In Berlin the week begins on Monday at 0:00 local time, at another UTC hour before and after the change."""
    first, last = (datetime.fromisoformat(one) for one in (before, after))
    inside = (first + timedelta(seconds=1), last - timedelta(seconds=1))
    people = [
        events(name, ("mql", str(instant), "second"))
        for name, instant in zip("abcd", (first, inside[0], inside[1], last), strict=True)
    ]
    con = built(tmp_path, *people, zone="Europe/Berlin", as_of=last + timedelta(days=10))
    weekly = conversion.rate(con, convention="cohort", period="week", within_days=1, **ASKED)
    found = rows(weekly, "period_on", "hours", "n")
    place = [row[0] for row in found].index(week_on)
    assert found[place - 1 : place + 2] == [
        (found[place - 1][0], 168.0, 1),
        (week_on, hours, 2),
        (found[place + 1][0], 168.0, 1),
    ]
    entered = conversion.entries(con, stage="mql", period="week")
    assert rows(entered, "period_on", "hours", "n")[place - 1 : place + 2] == found[place - 1 : place + 2]


def test_a_window_of_a_week_over_the_change_of_clocks_is_elapsed_time(tmp_path, rows) -> None:
    """Seven days are 168 hours, though the local clock shows an hour more."""
    con = built(
        tmp_path,
        events("a", ("mql", "2026-03-25 10:00:00", "second"), ("sql", "2026-04-01 10:00:00", "second")),
        events("b", ("mql", "2026-03-25 10:00:00", "second"), ("sql", "2026-04-01 10:00:01", "second")),
        zone="Europe/Berlin",
        as_of=datetime(2026, 4, 8),
    )
    table = conversion.rate(con, convention="cohort", within_days=7, **ASKED)
    assert rows(table, "n", "n_converted") == [(2, 1)]


def test_iso_weeks_run_over_the_turn_of_the_year(tmp_path, rows) -> None:
    con = built(
        tmp_path,
        events("a", ("mql", "2025-12-29 00:00:00", "second")),
        events("b", ("mql", "2026-01-04 23:59:59", "second")),
        events("c", ("mql", "2026-01-05 00:00:00", "second")),
    )
    table = conversion.rate(con, convention="cohort", period="week", within_days=1, **ASKED)
    assert rows(table.head(2), "period_on", "n") == [("2025-12-29", 2), ("2026-01-05", 1)]


def test_stage_three_back_to_one_keeps_the_visit_in_the_models(tmp_path, rows) -> None:
    con = built(tmp_path, at("mql", "sal", "sql", "mql"))
    table = conversion.standing(con)
    columns = ["stage", "n_current", "n_furthest", "n_observed", "n_reached", "n_visits", "n_backward"]
    assert rows(table.head(3), *columns) == [
        ("mql", 1, 0, 1, 1, 2, 1),
        ("sal", 0, 0, 1, 1, 1, 0),
        ("sql", 0, 1, 1, 1, 1, 0),
    ]
    now = conversion.rate(con, convention="snapshot", **ASKED)
    assert rows(now, "n", "n_converted") == [(1, 0)]


def test_a_skipped_stage_under_every_order_in_the_models(tmp_path, rows) -> None:
    con = built(
        tmp_path,
        at("mql", "sql", "sal"),
        at("mql", "sql", record_id="b"),
        at("mql", "sal", "sql", record_id="c"),
    )
    found = {
        order: conversion.paths(con, from_stage="mql", within_days=8, order=order)["n"].tolist()[:3]
        for order in ORDERS
    }
    assert found == {"implied": [3, 3, 3], "in order": [3, 2, 1], "any order": [3, 2, 2], "strict": [3, 1, 1]}


def test_a_person_who_comes_back_is_one_person_two_cycles_and_one_repeat(tmp_path, rows) -> None:
    con = built(tmp_path, at("mql", "sal", "back", "mql", "sal", "sql"))
    table = conversion.rate(con, convention="cohort", within_days=8, **ASKED)
    assert rows(table, "n", "n_persons", "n_first", "n_repeat", "n_converted") == [(2, 1, 1, 1, 1)]
    split = conversion.rate(con, convention="cohort", within_days=8, by="pass", **ASKED)
    assert rows(split, "pass", "n", "n_converted") == [("first", 1, 0), ("repeat", 1, 1)]


def test_two_people_of_one_name_stay_two(tmp_path, rows) -> None:
    names = {"name": "Ann Lee", "company": "Acme"}
    con = world(
        tmp_path,
        contracts={"c.yaml": HEAD + BY_EVENT},
        person=[lead("a", "2025-12-01", **names), lead("b", "2025-12-01", **names)],
        stage_event=[*at("mql", "sql"), *at("mql", record_id="b")],
        as_of=SOON,
    )
    table = conversion.rate(con, convention="cohort", within_days=8, **ASKED)
    assert rows(table, "n", "n_persons", "n_converted") == [(2, 2, 1)]


def test_a_deal_created_as_won_is_imputed_and_has_no_velocity(make_world, rows) -> None:
    instant = "2026-03-06 10:00:00"
    con = make_world(
        as_of=datetime(2026, 3, 18),
        person=[lead("a", "2026-03-02 09:00:00", opportunity_id="o")],
        opportunity=[
            {
                "opportunity_id": "o",
                "created_at": instant,
                "created_precision": "second",
                "closed_at": instant,
                "closed_precision": "second",
                "is_closed": True,
                "is_won": True,
                "amount": 1000,
                "currency": "EUR",
            }
        ],
    )
    pair = {"from_stage": "opportunity", "to_stage": "won"}
    assert rows(velocity.between(con, **pair), "n", "n_reached", "n_imputed", "median_days") == [
        (0, 1, 1, None)
    ]
    assert rows(velocity.to_close(con).head(1), "n", "n_unknown") == [(0, 1)]
    table = conversion.orders(con, **pair, within_days=8, start_on="2026-03-01", end_on="2026-04-01")
    assert rows(table, "order", "n", "n_entry_imputed", "n_converted") == [
        ("implied", 1, 1, 1),
        ("in order", 0, 0, 0),
        ("any order", 0, 0, 0),
        ("strict", 0, 0, 0),
    ]


def test_a_stage_recorded_late_does_not_move_an_imputed_entry(tmp_path) -> None:
    """SQL on the 6th proves MQL and SAL on the 6th; SAL recorded on the 8th changes nothing about MQL."""
    con = built(tmp_path, at("inquiry", "sql", "demo", "sal"))
    found = con.execute(
        "select stage, cast(entered_on as varchar), is_observed from marts.stage_entry order by position"
    ).fetchall()
    assert found[:3] == [
        ("mql", "2026-01-06", False),
        ("sal", "2026-01-08", True),
        ("sql", "2026-01-06", True),
    ]


def test_an_imputed_entry_has_no_time_where_the_nearest_observed_stage_has_none(tmp_path) -> None:
    rows = events("a", ("sal", "2026-01-05 00:00:00", "second"), ("demo", "2026-01-07 00:00:00", "second"))
    rows[0] |= {"entered_at": None, "entered_precision": "unknown"}
    con = built(tmp_path, rows)
    found = con.execute(
        "select stage, entered_at is null from marts.stage_entry order by position"
    ).fetchall()
    assert found == [("mql", True), ("sal", True), ("sql", False), ("demo", False)]


instants = st.integers(0, 60 * 24).map(lambda hours: BASE + timedelta(hours=hours))
steps = st.lists(st.tuples(st.sampled_from([*STAGES, "lost", "back"]), instants), min_size=1, max_size=6)
crowds = st.lists(steps, min_size=12, max_size=30)
few = settings(
    max_examples=4,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


def crowd(folder, people, *, shift: timedelta = timedelta(), as_of: datetime) -> duckdb.DuckDBPyConnection:
    """Return a warehouse of a crowd, all its times shifted: every third step known to the day; a sign a week."""
    told = []
    for number, one in enumerate(people):
        dated = []
        for place, (label, instant) in enumerate(one):
            is_day = (number + place) % 3 == 0
            moment = (instant.replace(hour=0) if is_day else instant) + shift
            dated.append((label, str(moment), "day" if is_day else "second"))
        told.append(events(f"p{number:02}", *dated))
    signs = [("lost", str(BASE + shift + timedelta(weeks=week)), "second") for week in range(20)]
    return built(folder, *told, events("alive", *signs), as_of=as_of)


LATE = datetime(2026, 4, 27)


@few
@given(people=crowds)
def test_counts_never_rise_along_the_funnel_in_any_order(tmp_path, people) -> None:
    con = crowd(tmp_path, people, as_of=LATE)
    span = {"start_on": "2026-01-01", "end_on": "2026-04-01"}
    counts = {
        order: conversion.paths(con, from_stage="mql", within_days=20, order=order, **span)["n"].tolist()
        for order in ORDERS
    }
    for found in counts.values():
        assert found == sorted(found, reverse=True)
    for tight, loose in (("strict", "in order"), ("in order", "any order")):
        assert all(a <= b for a, b in zip(counts[tight], counts[loose], strict=True))
    funnel = conversion.funnel(con, start_on="2026-01-01", end_on="2026-04-01")["n"].tolist()
    assert funnel == sorted(funnel, reverse=True)


@few
@given(people=crowds)
def test_shifting_all_times_by_weeks_shifts_the_results_by_weeks(tmp_path, people) -> None:
    """UTC: no change of clocks; the report moves with the data."""
    shift = timedelta(weeks=2)
    tables = []
    for moved in (timedelta(), shift):
        con = crowd(tmp_path, people, shift=moved, as_of=LATE + moved)
        for given_ in (
            {"convention": "cohort", "within_days": 20, "order": "strict"},
            {"convention": "period"},
        ):
            table = conversion.rate(con, period="week", **ASKED, **given_)
            tables.append(table.assign(period_on=table["period_on"] - moved))
    pd.testing.assert_frame_equal(tables[0], tables[2])
    pd.testing.assert_frame_equal(tables[1], tables[3])


def unchanged(folder, people, days: int, orders) -> None:
    """Build twice, some days apart, and hold the mature cohorts of the first to those of the second."""
    early = datetime(2026, 3, 2)
    columns = ["period_on", "n", "n_persons", "n_converted", "n_observed", "n_imputed", "rate", "low", "high"]
    tables: dict[str, list[pd.DataFrame]] = {order: [] for order in orders}
    for as_of in (early, early + timedelta(days=days)):
        con = crowd(folder, people, as_of=as_of)
        for order, found in tables.items():
            asked = ASKED | {"within_days": 14, "order": order, "period": "week"}
            found.append(conversion.rate(con, convention="cohort", **asked))
    for first, second in tables.values():
        mature = first[first["is_mature"]][columns].reset_index(drop=True)
        again = second[second["period_on"].isin(mature["period_on"])][columns].reset_index(drop=True)
        pd.testing.assert_frame_equal(mature, again)


@few
@given(people=crowds, days=st.integers(1, 30))
def test_a_later_as_of_never_changes_a_mature_cohort(tmp_path, people, days: int) -> None:
    """Every event here is told at its own time, so nothing arrives late; all but what is implied."""
    unchanged(tmp_path, people, days, [order for order in ORDERS if order != "implied"])


@few
@given(people=crowds, days=st.integers(1, 30))
def test_nor_what_is_implied_where_nobody_enters_a_stage_after_a_later_one(
    tmp_path, people, days: int
) -> None:
    """Labels in funnel order: a stage first skipped and then entered would move from its proof to its entry."""
    ladder = {label: place for place, label in enumerate([*STAGES, "lost", "back"])}
    onward = [
        list(
            zip(sorted((label for label, _ in one), key=ladder.get), sorted(at for _, at in one), strict=True)
        )
        for one in people
    ]
    unchanged(tmp_path, onward, days, ["implied"])
