"""A finding is told once: new in the edition in which it starts, then standing, and ended when it no longer is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from funnel.metrics import finding, kpi, ripe, standing
from funnel.metrics.indicator import indicators

MONDAY = date(2026, 6, 1)
DASH = "\N{EN DASH}"
GAP = "\N{NO-BREAK SPACE}"


def weeks_from(n: int) -> list[str]:
    return [str(MONDAY + timedelta(weeks=week)) for week in range(n)]


def owed(here, attainment: float | None = 0.9, version: str = "v1") -> None:
    here.add("contract.sla", version=version, sla="first_touch", clock="business", within_seconds=4 * 3600,
             attainment=attainment, words="4 business hours")  # fmt: skip


def answers(here, day: str, met: int, missed: int, due: str | None = None) -> None:
    for i in range(met + missed):
        outcome = "met" if i < met else "missed"
        here.handoff(f"{day} {i} {due}", f"{day} 09:00:00", stage="mql", first_touch_at=f"{day} 18:00:00",
                     sla={"first_touch": (due or f"{day} 13:00:00", outcome)})  # fmt: skip


def short_weeks(house, as_of: str, bad: str):
    """Return a house in which sales answered 5 of 10 in the weeks marked x and all in the others."""
    here = house(f"{as_of} 00:00:00")
    owed(here)
    for day, sign in zip(weeks_from(len(bad)), bad, strict=True):
        answers(here, day, *((10, 30) if sign == "x" else (40, 0)))
    return here.open()


def states(table) -> list[tuple]:
    since = [str(day.date()) for day in table["since_on"]]
    return list(zip(table["kpi"], table["state"], since, table["n_periods"].tolist(), strict=True))


SHORT = "first_touch_attainment"


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ("..", []),
        (".x", [(SHORT, "new", "2026-06-08", 1)]),
        (".xx", [(SHORT, "standing", "2026-06-08", 2)]),
        ("xxxx", [(SHORT, "standing", "2026-06-01", 4)]),
        (".xx.", [(SHORT, "ended", "2026-06-08", 2)]),
        (".xx..", []),
        ("x.x", [(SHORT, "new", "2026-06-15", 1)]),
        ("x.xx", [(SHORT, "standing", "2026-06-15", 2)]),
        ("x", [(SHORT, "new", "2026-06-01", 1)]),
    ],
)
def test_a_finding_is_new_once_then_stands_and_its_end_is_said_once(house, bad, expected) -> None:
    as_of = str(MONDAY + timedelta(weeks=len(bad)))
    assert states(finding.findings(short_weeks(house, as_of, bad))) == expected


def test_only_what_is_new_is_ranked_and_has_its_money_and_what_ended_has_none(house, rows) -> None:
    here = house("2026-06-22 00:00:00", hands_to={"mql": "sales"})
    owed(here)
    for day, missed in zip(weeks_from(3), (0, 30, 0), strict=True):
        answers(here, day, 40 - missed, missed)
    here.target("hand_offs", 60, "week")
    table = finding.findings(here.open())
    assert rows(table, "rank", "kpi", "state", "amount_at_stake") == [
        (None, "hand_offs", "standing", None),
        (None, SHORT, "ended", None),
    ]


def test_the_end_is_said_with_what_it_was_since_when_and_the_value_now(house) -> None:
    table = finding.findings(short_weeks(house, "2026-06-22", ".x."))
    assert table["sentence"].tolist() == [
        f"First touch within the SLA is no longer clear of what was agreed, as it was since the week of "
        f"8{DASH}14 June 2026: 100{GAP}% (91{DASH}100) in the week of 15{DASH}21 June 2026; "
        f"agreed: 90{GAP}%."
    ]


@pytest.mark.parametrize("n_weeks", range(2, 9))
def test_what_is_new_is_what_an_edition_built_a_week_earlier_did_not_tell(house, n_weeks) -> None:
    """Deadlines of each week pass in it and in the week after; each edition is built from what it could see."""
    plan = [
        (30, 0, 5, 5),
        (10, 30, 0, 2),
        (38, 0, 2, 9),
        (12, 8, 9, 0),
        (5, 20, 0, 0),
        (30, 5, 0, 9),
        (30, 0, 0, 30),
    ]

    def told(as_of: date) -> set[str]:
        here = house(f"{as_of} 00:00:00")
        owed(here)
        for week, (met, missed, late_met, late_missed) in enumerate(plan):
            day = MONDAY + timedelta(weeks=week)
            if day < as_of:
                answers(here, str(day), met, missed)
                answers(here, str(day), late_met, late_missed, due=f"{day + timedelta(days=8)} 13:00:00")
        table = finding.findings(here.open())
        told.states = dict(zip(table["kpi"], table["state"], strict=True))
        return {name for name, state in told.states.items() if state != "ended"}

    before = told(MONDAY + timedelta(weeks=n_weeks - 1))
    now = told(MONDAY + timedelta(weeks=n_weeks))
    assert {name for name, state in told.states.items() if state == "new"} == now - before
    assert {name for name, state in told.states.items() if state == "standing"} == now & before
    assert {name for name, state in told.states.items() if state == "ended"} == before - now


def test_a_month_is_new_in_the_week_in_which_it_became_mature_and_stands_after(house) -> None:
    def state(as_of: str) -> list[str]:
        here = house(f"{as_of} 00:00:00")
        here.target("hand_offs", 50, "month")
        for month, n in (("04", 60), ("05", 10), ("06", 1)):
            for i in range(n):
                here.handoff(f"{month}-{i}", f"2026-{month}-01 10:00:00", stage="mql")
        return finding.findings(here.open())["state"].tolist()

    assert state("2026-06-01") == ["new"]
    assert state("2026-06-07") == ["new"]
    assert state("2026-06-08") == ["standing"]
    assert state("2026-06-29") == ["standing"]
    assert state("2026-07-01") == ["standing"]


def test_acceptance_of_a_month_is_new_when_its_last_hand_off_had_the_landmark(house) -> None:
    """The landmark is 14 days: May is mature from 15 June on."""

    def state(as_of: str) -> list[str]:
        here = house(f"{as_of} 00:00:00")
        here.target("acceptance_rate", 0.75)
        for i in range(40):
            here.handoff(f"{i}", "2026-05-04 10:00:00", "rejected", stage="mql")
        return finding.findings(here.open())["state"].tolist()

    assert [state(f"2026-06-{day}") for day in ("14", "15", "21", "22")] == [
        [],
        ["new"],
        ["new"],
        ["standing"],
    ]


@pytest.mark.parametrize(("family", "expected"), [("acceptance", "2026-06-15"), ("requalified", "2026-08-30"),
                                                  ("leads", "2026-06-01")])  # fmt: skip
def test_a_period_is_settled_when_its_cases_had_the_time_that_the_contract_gives_them(
    house, family, expected
) -> None:
    """The landmark is 14 days, the horizon 90."""
    con = house("2026-07-01 00:00:00").open()
    one = next(each for each in indicators(con) if each.kpi == "leads")
    table = ripe.ripe(con, replace(one, family=family), by="month").set_index("period_on")
    assert table.loc["2026-05-01", "ripe_at"] == pd.Timestamp(expected)


def test_a_cohort_is_new_when_its_last_entry_had_its_window(house) -> None:
    """Entries up to 20 May, 30 days: mature at 19 June 09:00, and a cohort known to the day on the day after."""

    def state(as_of: str, **known) -> list[str]:
        here = house(as_of)
        here.target("mql_to_sal", 0.75, within_seconds=30 * 86400)
        for i in range(40):
            here.cycle(f"{i}", mql="2026-05-20 09:00:00", **known)
        return finding.findings(here.open())["state"].tolist()

    assert state("2026-06-19 08:59:59") == []
    assert state("2026-06-19 09:00:00") == ["new"]
    assert state("2026-06-26 08:59:59") == ["new"]
    assert state("2026-06-26 09:00:00") == ["standing"]
    on_the_day = {"day": ("mql",)}
    assert state("2026-06-19 23:59:59", **on_the_day) == []
    assert state("2026-06-20 00:00:00", **on_the_day) == ["new"]
    assert state("2026-06-27 00:00:00", **on_the_day) == ["standing"]


def test_each_edition_is_judged_by_the_target_in_force_then(house) -> None:
    """60 a week were agreed only from 15 June on: what came before was not short of anything."""
    here = house("2026-06-22 00:00:00")
    here.con.execute("update contract.version set version = 'v0', effective_to = '2026-06-15'")
    here.add("contract.version", version="v1", number=2, effective_from="2026-06-15", effective_on="2026-06-15",
             effective_to="9999-12-31", horizon_seconds=90 * 86400, landmark_seconds=14 * 86400)  # fmt: skip
    for version, aim in (("v0", 5), ("v1", 60)):
        here.target("hand_offs", aim, "week", version=version)
    for day in weeks_from(3):
        for i in range(10):
            here.handoff(f"{day} {i}", f"{day} 10:00:00", stage="mql")
    con = here.open()
    walls = ripe.walls(con)
    assert walls["version"].tolist()[:3] == ["v1", "v1", "v0"]
    assert states(finding.findings(con)) == [("hand_offs", "standing", "2026-06-08", 2)]
    con.execute("update contract.version set effective_on = '2026-06-16' where number = 2")
    assert states(finding.findings(con)) == [("hand_offs", "new", "2026-06-15", 1)]


@pytest.mark.parametrize("changed", ["per = 'month'", "kpi = 'leads'"])
def test_a_target_that_asked_for_something_else_begins_no_run(house, changed) -> None:
    here = house("2026-06-22 00:00:00")
    here.con.execute("update contract.version set version = 'v0', effective_to = '2026-06-16'")
    here.add("contract.version", version="v1", number=2, effective_from="2026-06-16", effective_on="2026-06-16",
             effective_to="9999-12-31", horizon_seconds=90 * 86400, landmark_seconds=14 * 86400)  # fmt: skip
    for version in ("v0", "v1"):
        here.target("hand_offs", 60, "week", version=version)
    for day in weeks_from(3):
        for i in range(10):
            here.handoff(f"{day} {i}", f"{day} 10:00:00", stage="mql")
    con = here.open()
    assert [state for _, state, *_ in states(finding.findings(con))] == ["standing"]
    con.execute(f"update contract.target set {changed} where version = 'v0'")
    table = finding.findings(con)
    assert table[table["kpi"] == "hand_offs"]["state"].tolist() == ["new"]


def test_a_week_outside_its_band_stands_while_it_stays_outside_on_the_same_side(house) -> None:
    def state(*last: int) -> list[tuple]:
        here = house(f"{MONDAY + timedelta(weeks=12 + len(last))} 00:00:00")
        for week, n in enumerate([19, 21] * 6 + list(last)):
            for i in range(n):
                here.handoff(f"{week} {i}", f"{MONDAY + timedelta(weeks=week)} 10:00:00", stage="mql")
        return states(finding.findings(here.open()))

    assert state(60) == [("hand_offs", "new", "2026-08-24", 1)]
    assert state(60, 200) == [("hand_offs", "standing", "2026-08-24", 2)]
    assert state(60, 20) == [("hand_offs", "ended", "2026-08-24", 1)]
    assert state(60, 1) == [("hand_offs", "ended", "2026-08-24", 1)]
    assert state(1) == [("hand_offs", "new", "2026-08-24", 1)]


def test_variation_is_not_told_of_a_kpi_while_it_misses_its_target_and_is_new_once_it_does_not(house) -> None:
    here = house(f"{MONDAY + timedelta(weeks=13)} 00:00:00")
    here.target("hand_offs", 40, "week")
    for week, n in enumerate([19, 21] * 6 + [90]):
        for i in range(n):
            here.handoff(f"{week} {i}", f"{MONDAY + timedelta(weeks=week)} 10:00:00", stage="mql")
    assert states(finding.findings(here.open())) == [
        ("hand_offs", "new", "2026-08-24", 1),
        ("hand_offs", "ended", "2026-06-01", 12),
    ]


DAYS = np.array(
    ["2026-06-22", "2026-06-15", "2026-06-15", "2026-06-08", "2026-06-01"], dtype="datetime64[ns]"
)


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        ((0, 0, 1, 1, 1), None),
        ((1, 0, 1, 0, 0), ("new", "2026-06-22", 1)),
        ((1, -1, -1, 0, 0), ("new", "2026-06-22", 1)),
        ((1, 1, 1, 0, 1), ("standing", "2026-06-15", 2)),
        ((-1, -1, -1, -1, -1), ("standing", "2026-06-01", 4)),
        ((0, 1, 1, 1, 0), ("ended", "2026-06-08", 2)),
        ((0, 1, -1, 0, 0), ("ended", "2026-06-15", 1)),
    ],
)
def test_a_run_is_unbroken_and_on_one_side(signs, expected) -> None:
    found = standing.run(np.array(signs), DAYS)
    assert found == (expected and standing.Run(expected[0], pd.Timestamp(expected[1]), expected[2]))


def test_an_edition_without_one_before_tells_nothing_of_before() -> None:
    assert standing.run(np.array([1]), DAYS[:1]) is None


def test_the_same_warehouse_gives_the_same_table_twice(house) -> None:
    con = short_weeks(house, "2026-06-22", "xxx")
    pd.testing.assert_frame_equal(finding.findings(con), finding.findings(con))
    assert finding.findings(con, scores=kpi.scorecard(con), weeks=kpi.weekly(con)).equals(
        finding.findings(con)
    )


def test_what_the_latest_edition_sees_is_what_the_scorecard_says(house) -> None:
    con = short_weeks(house, "2026-06-22", "x.x")
    asked = indicators(con)
    found = standing.missed(con, asked, kpi.scorecard(con), ripe.walls(con))
    signs, days = found[SHORT]
    assert signs[:4].tolist() == [-1, 0, -1, 0]
    assert [str(day)[:10] for day in days[:3]] == ["2026-06-15", "2026-06-08", "2026-06-01"]
