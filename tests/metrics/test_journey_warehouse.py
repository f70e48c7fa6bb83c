"""Journeys over a warehouse: its sources, day precision, the period of the start, and maturity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pytest
from world import CONTRACT, call, changes, lead

from funnel.errors import UsageError
from funnel.metrics import journey

TOUCH, CALL = journey.step("touch"), journey.step("activity", kind="call")
MQL, REJECTED = journey.step("stage", stage="mql"), journey.step("exit", exit="rejected")
LATE = lead("late", "2026-06-30 12:00:00")  # something is recorded up to as_of, so that no window is cut
BERLIN = CONTRACT.replace("zone: UTC", "zone: Europe/Berlin")


def touch(record: str, instant: str, precision: str = "second", **columns: Any) -> dict[str, Any]:
    about = {"touched_at": instant, "touched_precision": precision, "kind": "response"}
    return {"touch_id": f"{record} {instant}", "record_id": record, **about, **columns}


def counts(con, *steps: journey.Step, days: float = 30, **more: Any) -> list[int]:
    return journey.funnel(con, steps=steps, within_days=days, **more)["n"].tolist()


@pytest.fixture
def con(make_world):
    """Return four persons: a goes all the way, b is called first, c is rejected, d has one touch."""
    people = "abcd"
    return make_world(
        person=[LATE, *(lead(one, "2026-03-01 09:00:00", status="New") for one in people)],
        campaign=[{"campaign_id": "k", "name": "Spring"}],
        touch=[
            touch("a", "2026-03-02 10:00:00", channel="Webinar", campaign_id="k"),
            touch("a", "2026-03-04 10:00:00", channel="Search"),
            touch("b", "2026-03-02 10:00:00", channel="Search"),
            touch("c", "2026-03-02 10:00:00", channel="Webinar", content="Guide"),
            touch("d", "2026-03-02 10:00:00"),
        ],
        activity=[
            call("1", "a", "2026-03-06 10:00:00"),
            call("2", "b", "2026-03-01 10:00:00"),
            call("3", "c", "2026-03-09 10:00:00"),
            call("4", "a", "2026-03-06 09:00:00", is_automated=True, kind="email"),
            {"activity_id": "5", "record_id": "d", "kind": "call", "is_done": False, "due_on": "2026-03-05"},
        ],
        attribute_event=changes("a", "status", ("2026-03-05 10:00:00", "MQL"), first="New")
        + changes(
            "c",
            "status",
            ("2026-03-05 10:00:00", "MQL"),
            ("2026-03-07 10:00:00", "Disqualified"),
            first="New",
        )
        + changes("late", "status", ("2026-06-30 10:00:00", "MQL"), first="New"),
    )


def test_touches_stages_and_activities_make_one_journey(con) -> None:
    table = journey.funnel(con, steps=[TOUCH, MQL, CALL], within_days=30)
    assert table[["title", "n", "n_dropped"]].values.tolist() == [
        ["touch", 4, 0],
        ["MQL", 2, 2],
        ["activity, kind call", 2, 0],
    ]
    assert (
        table["rule"].iloc[0].startswith("Journey funnel: touch → MQL → activity, kind call, in this order")
    )
    assert table["average_seconds"].iloc[1:].tolist() == [2 * 86400, 2.5 * 86400]


def test_a_task_that_was_only_due_is_no_event(con) -> None:
    assert counts(con, CALL) == [3]


def test_a_person_is_counted_by_the_latest_start_before_he_arrived(con) -> None:
    listed = journey.persons(con, step=2, steps=[TOUCH, MQL], within_days=30)
    assert listed[["subject_id", "started_at", "reached_at"]].values.tolist() == [
        ["crm:a", pd.Timestamp("2026-03-04 10:00"), pd.Timestamp("2026-03-05 10:00")],
        ["crm:c", pd.Timestamp("2026-03-02 10:00"), pd.Timestamp("2026-03-05 10:00")],
    ]


def test_any_order_counts_the_call_that_came_first(con) -> None:
    assert counts(con, TOUCH, CALL) == [4, 2]
    assert counts(con, TOUCH, CALL, order="unordered") == [4, 3]


def test_an_exit_between_two_steps_excludes(con) -> None:
    barred = [journey.exclusion(REJECTED, after=2, before=3)]
    table = journey.funnel(con, steps=[TOUCH, MQL, CALL], within_days=30, exclude=barred)
    assert (table["n"].tolist(), table["n_excluded"].tolist()) == ([3, 1, 1], [1, 1, 1])
    assert counts(con, TOUCH, MQL, exclude=[REJECTED]) == [4, 2]


def test_strict_sees_the_events_of_all_sources(con) -> None:
    assert counts(con, MQL, CALL) == [2, 2]
    assert counts(con, MQL, CALL, order="strict") == [2, 0]
    email = journey.step("activity", kind="email")
    assert counts(con, MQL, email, CALL, order="strict") == [2, 1, 1]


def test_any_event_is_a_step_too(con) -> None:
    assert counts(con, journey.step("any"), MQL) == [4, 2]


def test_conditions_take_one_value_several_or_none_stated(con) -> None:
    found = {
        "one": counts(con, journey.step("touch", channel="Webinar")),
        "several": counts(con, journey.step("touch", channel=["Webinar", "Search"])),
        "campaign": counts(con, journey.step("touch", campaign="Spring")),
        "null": counts(con, journey.step("touch", channel=None)),
        "two": counts(con, journey.step("touch", channel="Webinar", content="Guide")),
        "human": counts(con, journey.step("activity", is_human_touch=True)),
        "machine": counts(con, journey.step("activity", is_human_touch=False)),
    }
    assert found == {
        "one": [2],
        "several": [3],
        "campaign": [1],
        "null": [1],
        "two": [1],
        "human": [3],
        "machine": [1],
    }


def test_a_breakdown_by_channel_keeps_null_apart(con) -> None:
    table = journey.funnel(con, steps=[TOUCH, MQL], within_days=30, by="channel")
    found = [
        (None if pd.isna(value) else value, n) for value, n in zip(table["value"], table["n"], strict=True)
    ]
    assert found == [("Search", 2), ("Search", 1), ("Webinar", 1), ("Webinar", 1), (None, 1), (None, 0)]
    assert table["rule"].iloc[0].endswith(" By channel of the event of the first step.")


def test_an_attribute_that_no_chosen_source_has_is_null(con) -> None:
    table = journey.funnel(con, steps=[MQL], within_days=30, by="channel")
    assert (table["value"].isna().tolist(), table["n"].tolist()) == ([True], [2])


@pytest.mark.parametrize(
    ("start_on", "end_on", "n"),
    [
        ("2026-03-02", "2026-03-03", 4),
        ("2026-03-03", None, 1),
        (None, "2026-03-02", 0),
        ("2026-03-05", None, 0),
    ],
)
def test_attempts_start_in_the_period_and_may_end_after_it(con, start_on, end_on, n) -> None:
    assert counts(con, TOUCH, CALL, start_on=start_on, end_on=end_on)[0] == n
    if end_on == "2026-03-03":
        assert counts(con, TOUCH, CALL, start_on=start_on, end_on=end_on) == [4, 2]


def test_unknown_stages_are_refused_with_the_nearest(con) -> None:
    for asked in (
        {"steps": [journey.step("stage", stage="mqll")]},
        {"steps": [TOUCH, MQL], "exclude": [journey.step("stage", stage="mqll")]},
    ):
        with pytest.raises(UsageError, match="no stage 'mqll'. Did you mean 'mql'"):  # noqa: RUF043
            journey.funnel(con, within_days=1, **asked)


def test_an_unknown_attribute_is_refused_with_the_nearest(con) -> None:
    with pytest.raises(UsageError, match=r"no attribute 'chanel'.* Did you mean 'channel'"):
        journey.funnel(con, steps=[TOUCH], within_days=1, by="chanel")


def test_a_visit_of_a_stage_counts_each_time(make_world) -> None:
    again = ("2026-03-02 10:00:00", "MQL"), ("2026-03-09 10:00:00", "Nurture"), ("2026-05-09 10:00:00", "MQL")
    con = make_world(
        person=[lead("a", "2026-03-01 09:00:00")],
        attribute_event=changes("a", "status", *again, first="New"),
    )
    recycled = journey.step("exit", exit="recycled")
    assert counts(con, MQL, recycled, MQL, days=90, mature_only=False) == [1, 1, 1]


def test_a_window_that_is_not_over_is_neither_dropped_nor_counted(make_world) -> None:
    con = make_world(
        person=[lead(one, "2026-05-01 09:00:00") for one in "ab"],
        touch=[
            touch("a", "2026-06-21 00:00:00"),
            touch("b", "2026-06-21 00:00:01"),
            touch("b", "2026-06-30 12:00:00"),
        ],
        activity=[call("1", "a", "2026-06-30 11:00:00")],
    )
    mature = journey.funnel(con, steps=[TOUCH, CALL, CALL], within_days=10)
    columns = ["n", "n_dropped", "n_open", "n_young", "is_mature"]
    assert mature[columns].values.tolist() == [[1, 0, 0, 1, True], [1, 0, 0, 1, True], [0, 1, 0, 1, True]]
    to_date = journey.funnel(con, steps=[TOUCH, CALL, CALL], within_days=10, mature_only=False)
    assert to_date[columns].values.tolist() == [[2, 0, 0, 0, False], [1, 0, 1, 0, False], [0, 1, 0, 0, False]]
    still_open = journey.persons(
        con, step=2, outcome="open", steps=[TOUCH, CALL, CALL], within_days=10, mature_only=False
    )
    assert still_open["subject_id"].tolist() == ["crm:b"]


def test_a_person_known_to_the_day_is_compared_by_local_days(make_world) -> None:
    con = make_world(
        contracts={"c.yaml": BERLIN},
        person=[LATE, *(lead(one, "2026-03-01 09:00:00") for one in "abcd")],
        touch=[
            touch("a", "2026-03-09 23:00:00", "day"),
            touch("b", "2026-03-09 23:00:00", "day"),
            touch("c", "2026-03-09 23:00:00", "day"),
            touch("d", "2026-03-10 09:00:00"),
        ],
        activity=[
            call("1", "a", "2026-03-09 23:30:00"),
            call("2", "b", "2026-03-11 22:30:00"),
            call("3", "c", "2026-03-11 23:30:00"),
            call("4", "d", "2026-03-10 08:59:59"),
        ],
    )
    table = journey.funnel(con, steps=[TOUCH, CALL], within_days=1)
    assert table[["n", "n_by_day"]].values.tolist() == [[4, 3], [2, 2]]
    listed = journey.persons(con, step=2, steps=[TOUCH, CALL], within_days=1)
    assert listed[["subject_id", "seconds", "precision"]].values.tolist() == [
        ["crm:a", 0.0, "day"],
        ["crm:b", 86400.0, "day"],
    ]


@pytest.mark.parametrize(
    ("start_on", "end_on", "names"),
    [
        (None, "2026-06-21", ["crm:a", "crm:b"]),
        ("2026-06-20", None, ["crm:a", "crm:b", "crm:c"]),
        ("2026-06-21", None, ["crm:c"]),
        (None, "2026-06-20", []),
        (None, "2026-06-23", ["crm:a", "crm:b", "crm:c"]),
    ],
)
def test_a_day_has_its_whole_window_once_its_last_day_is_over(make_world, start_on, end_on, names) -> None:
    con = make_world(
        contracts={"c.yaml": BERLIN},
        person=[LATE, *(lead(one, "2026-03-01 09:00:00") for one in "abcd")],
        touch=[
            touch("a", "2026-06-19 22:00:00", "day"),
            touch("b", "2026-06-19 22:00:00", "day"),
            touch("c", "2026-06-20 22:00:00", "day"),
            touch("d", "2026-06-21 22:00:00", "day"),
        ],
    )
    listed = journey.persons(con, step=1, steps=[TOUCH], within_days=9.5, start_on=start_on, end_on=end_on)
    assert listed["subject_id"].tolist() == names


def test_the_last_day_of_a_window_that_ends_today_is_not_over(make_world) -> None:
    con = make_world(
        person=[LATE, lead("a", "2026-03-01 09:00:00"), lead("b", "2026-03-01 09:00:00")],
        touch=[touch("a", "2026-06-20 00:00:00", "day"), touch("b", "2026-06-21 00:00:00", "day")],
    )
    listed = journey.persons(con, step=1, steps=[TOUCH], within_days=10)
    assert listed["subject_id"].tolist() == ["crm:a"]


def test_a_touch_or_an_activity_is_a_record_that_windows_are_seen_up_to(make_world) -> None:
    old = lead("a", "2026-03-01 09:00:00")
    asked = {"steps": [TOUCH], "within_days": 10}
    touches = [touch("a", "2026-06-01 00:00:00")]
    found = {
        "touch": make_world(person=[old], touch=[*touches, touch("a", "2026-06-30 10:00:00")]),
        "activity": make_world(person=[old], touch=touches, activity=[call("1", "a", "2026-06-30 10:00:00")]),
        "long ago": make_world(person=[old], touch=touches, activity=[call("1", "a", "2026-06-10 10:00:00")]),
        "day": make_world(
            person=[old],
            touch=touches,
            activity=[call("1", "a", "2026-06-10 00:00:00", done_precision="day")],
        ),
    }
    assert {name: journey.funnel(con, **asked)["n"].tolist() for name, con in found.items()} == {
        "touch": [1],
        "activity": [1],
        "long ago": [0],
        "day": [1],
    }


def test_a_visit_in_an_impossible_order_is_left_out(make_world) -> None:
    con = make_world(
        person=[LATE, lead("a", "2026-03-01 09:00:00")],
        attribute_event=changes(
            "a", "status", ("2026-02-01 10:00:00", "Qualified"), ("2026-03-02 10:00:00", "MQL"), first="New"
        ),
    )
    flagged = con.execute("select stage from core.stage_event where is_impossible").fetchall()
    everything = journey.persons(con, step=1, steps=[journey.step("stage", stage="sql")], within_days=1)
    assert (flagged, len(everything)) == ([("sql",)], 0)


def test_an_event_of_unknown_time_is_no_event(make_world) -> None:
    con = make_world(
        person=[LATE, lead("a", "2026-03-01 09:00:00")],
        touch=[touch("a", "2026-03-09 23:00:00", "unknown"), touch("a", None, "unknown")],
    )
    assert counts(con, TOUCH) == [0]


def test_the_period_is_of_local_days(make_world) -> None:
    con = make_world(
        contracts={"c.yaml": BERLIN},
        person=[LATE, *(lead(one, "2026-03-01 09:00:00") for one in "ab")],
        touch=[touch("a", "2026-03-09 22:59:59"), touch("b", "2026-03-09 23:00:00")],
    )
    listed = journey.persons(con, step=1, steps=[TOUCH], within_days=1, start_on="2026-03-10")
    assert listed["subject_id"].tolist() == ["crm:b"]
    listed = journey.persons(con, step=1, steps=[TOUCH], within_days=1, end_on="2026-03-10")
    assert listed["subject_id"].tolist() == ["crm:a"]


def test_a_later_as_of_changes_no_mature_journey(make_world, tmp_path) -> None:
    rows = {
        "person": [lead(one, "2026-03-01 09:00:00") for one in "ab"],
        "touch": [touch("a", "2026-03-02 00:00:00"), touch("b", "2026-06-02 00:00:00")],
        "activity": [call("1", "a", "2026-03-05 00:00:00"), call("2", "b", "2026-06-29 00:00:00")],
    }
    early = make_world(as_of=datetime(2026, 6, 20), **rows)
    later = make_world(as_of=datetime(2026, 7, 1), **rows)
    asked = {"steps": [TOUCH, CALL], "within_days": 10, "end_on": "2026-05-01"}
    first, second = (journey.funnel(con, **asked) for con in (early, later))
    pd.testing.assert_frame_equal(first, second)


def test_a_warehouse_of_every_kind_of_row_answers(full_world) -> None:
    steps = [journey.step(source) for source in ("touch", "activity", "stage")]
    table = journey.funnel(full_world, steps=steps, within_days=60, order="unordered", by="kind")
    assert table["n"].sum() > 0
