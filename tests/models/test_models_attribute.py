"""Values as of an instant: from history and from loads, and never today's value carried back."""

from __future__ import annotations

import pytest
from world import changes, lead

CREATED = "2026-03-01 08:00:00"
HANDED = "2026-03-02 10:00:00"
TRACKED = changes("old", "status", ("2025-01-01 00:00:00", "Working"), first="New")
OLD = lead("old", "2025-01-01 00:00:00", status="Working")


def handed(*events, **columns):
    """Return the tables of a lead that was created on 1 March and handed off on 2 March at 10."""
    return {
        "person": [OLD, lead("a", CREATED, status="MQL", **columns)],
        "attribute_event": [*TRACKED, *changes("a", "status", (HANDED, "MQL"), first="New"), *events],
    }


def spans(con, field, record="crm:a"):
    return con.execute(
        "select value, valid_from::varchar, valid_to::varchar, evidence, is_dated from core.attribute "
        "where record_key = ? and field = ? order by valid_from, change",
        [record, field],
    ).fetchall()


def clause(con, field):
    return con.execute(
        "select value, evidence, passed, known_from::varchar from marts.handoff_clause where field = ?",
        [field],
    ).fetchall()


def test_a_field_without_history_is_known_from_the_first_load_that_held_the_record(make_world):
    con = make_world(**handed(score=70, seen_at="2026-03-05 00:00:00"))
    assert spans(con, "score") == [
        ("70.0", CREATED, "2026-03-05 00:00:00", "assumed", False),
        ("70.0", "2026-03-05 00:00:00", "9999-12-31 00:00:00", "load", False),
    ]
    assert clause(con, "score") == [(None, "unknown", None, "2026-03-05 00:00:00")]


@pytest.mark.parametrize(
    ("seen_at", "expected"),
    [
        ("2026-03-02 10:00:00", ("70.0", "load", True, None)),
        ("2026-03-02 10:00:01", (None, "unknown", None, "2026-03-02 10:00:01")),
    ],
)
def test_a_load_at_the_very_moment_of_the_hand_off_tells_and_one_a_second_later_does_not(
    make_world, seen_at, expected
):
    assert clause(make_world(**handed(score=70, seen_at=seen_at)), "score") == [expected]


def test_what_no_load_is_known_to_have_shown_is_never_known(make_world):
    con = make_world(**handed(score=70))
    assert spans(con, "score") == [("70.0", CREATED, "9999-12-31 00:00:00", "assumed", False)]
    assert clause(con, "score") == [(None, "unknown", None, "9999-12-31 00:00:00")]


@pytest.mark.parametrize(
    ("tracked", "expected"),
    [
        ("2026-03-02 10:00:00", ("70.0", "history", True, None)),
        ("2026-03-02 10:00:01", (None, "unknown", None, "2026-03-02 10:00:01")),
    ],
)
def test_a_tracked_field_without_a_change_is_known_since_its_history_begins(make_world, tracked, expected):
    other = changes("old", "score", (tracked, "9"), first="8")
    con = make_world(**handed(*other, score=70, seen_at="2026-06-01 00:00:00"))
    assert clause(con, "score") == [expected]


def test_the_value_before_the_first_change_is_known_since_history_begins_and_not_before(make_world):
    earlier = changes("old", "score", ("2026-03-01 20:00:00", "9"), first="8")
    own = changes("a", "score", ("2026-03-03 09:00:00", "70"), first="20")
    con = make_world(**handed(*earlier, *own, score=70, seen_at="2026-06-01 00:00:00"))
    assert spans(con, "score") == [
        ("20", CREATED, "2026-03-01 20:00:00", "assumed", False),
        ("20", "2026-03-01 20:00:00", "2026-03-03 09:00:00", "history", False),
        ("70", "2026-03-03 09:00:00", "9999-12-31 00:00:00", "history", True),
    ]
    assert clause(con, "score") == [("20", "history", False, None)]


def test_a_difference_between_two_loads_dates_the_new_value_and_the_old_one_is_known_from_the_first(
    make_world,
):
    own = [
        {**event, "evidence": "load"}
        for event in changes("a", "score", ("2026-03-08 00:00:00", "70"), first="20")
    ]
    con = make_world(**handed(*own, score=70, seen_at="2026-03-02 00:00:00"))
    assert [span[:4] for span in spans(con, "score")] == [
        ("20", CREATED, "2026-03-02 00:00:00", "assumed"),
        ("20", "2026-03-02 00:00:00", "2026-03-08 00:00:00", "load"),
        ("70", "2026-03-08 00:00:00", "9999-12-31 00:00:00", "load"),
    ]
    assert clause(con, "score") == [("20", "load", False, None)]


def test_a_value_that_changed_before_any_load_saw_the_record_is_never_carried_back(make_world):
    own = [
        {**event, "evidence": "load"}
        for event in changes("a", "score", ("2026-03-08 00:00:00", "70"), first="20")
    ]
    con = make_world(**handed(*own, score=70, seen_at="2026-04-01 00:00:00"))
    assert [span[:4] for span in spans(con, "score")] == [
        ("20", CREATED, "2026-03-08 00:00:00", "assumed"),
        ("70", "2026-03-08 00:00:00", "9999-12-31 00:00:00", "load"),
    ]


def test_a_record_that_was_seen_when_it_was_created_is_known_from_the_beginning(make_world):
    con = make_world(**handed(score=70, seen_at=CREATED))
    assert spans(con, "score") == [("70.0", CREATED, "9999-12-31 00:00:00", "load", True)]


def test_an_empty_field_that_was_seen_empty_is_missing_and_one_that_was_not_seen_is_unknown(make_world):
    seen = make_world(**handed(company="B", seen_at="2026-03-02 00:00:00"))
    unseen = make_world(**handed(company="B", seen_at="2026-03-03 00:00:00"))
    query = "select field, is_present from marts.handoff_field order by field"
    assert seen.execute(query).fetchall() == [("company", True), ("email", False)]
    assert unseen.execute(query).fetchall() == [("company", None), ("email", None)]
    assert unseen.execute("select n_required, n_missing from marts.handoff").fetchall() == [(2, 0)]


def test_a_status_that_a_load_shows_is_an_entry_at_an_unknown_time_not_at_the_time_of_the_load(make_world):
    con = make_world(person=[lead("a", CREATED, status="MQL", seen_at="2026-03-05 00:00:00")])
    assert con.execute(
        "select stage, entered_at, entered_precision, evidence from core.stage_event order by position"
    ).fetchall()[1:] == [("mql", None, "unknown", "stamp")]


def test_before_the_first_load_nothing_of_an_untracked_field_is_known_whatever_came_later(make_world):
    from datetime import datetime

    con = make_world(as_of=datetime(2026, 3, 3), **handed(score=70, seen_at="2026-03-05 00:00:00"))
    assert [span[3] for span in spans(con, "score")] == ["assumed"]
    assert con.execute("select met_definition from marts.handoff").fetchall() == [(None,)]
