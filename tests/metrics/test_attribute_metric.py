"""Attributes as of any instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from world import changes, lead

from funnel.errors import UsageError
from funnel.metrics import attribute

PEOPLE = [
    lead("a", "2026-03-01 08:00:00", status="MQL", score=70, seen_at="2026-03-05 00:00:00"),
    lead("b", "2026-03-04 08:00:00", status="New", seen_at="2026-03-05 00:00:00"),
]
HISTORY = changes("a", "status", ("2026-03-01 08:00:00", "New"), ("2026-03-02 10:00:00", "MQL"))


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, number, hour, tzinfo=UTC)


def rows(con, at, *fields):
    table = attribute.as_of(con, fields=fields, at=at)
    table = table.astype(object).where(table.notna(), None)
    return [tuple(row) for row in table[["record_key", "field", "value", "evidence", "note"]].to_numpy()]


def test_history_answers_for_any_instant_and_a_load_only_from_its_own(make_world):
    con = make_world(person=PEOPLE, attribute_event=HISTORY)
    assert rows(con, day(2, 9), "score", "status") == [
        ("crm:a", "score", None, "unknown", "not known before 2026-03-05"),
        ("crm:a", "status", "New", "history", None),
    ]
    assert rows(con, day(2, 10), "status") == [("crm:a", "status", "MQL", "history", None)]
    assert rows(con, day(5), "score") == [
        ("crm:a", "score", "70.0", "load", None),
        ("crm:b", "score", None, "load", None),
    ]


def test_an_instant_in_another_zone_is_that_instant(make_world):
    con = make_world(person=PEOPLE, attribute_event=HISTORY)
    berlin = timezone(timedelta(hours=1))
    assert rows(con, datetime(2026, 3, 2, 11, tzinfo=berlin), "status")[0][2] == "MQL"
    assert rows(con, datetime(2026, 3, 2, 10, 59, 59, tzinfo=berlin), "status")[0][2] == "New"


def test_what_no_load_has_shown_is_not_known_without_a_date(make_world):
    con = make_world(person=[lead("a", "2026-03-01 08:00:00", score=70)])
    assert rows(con, day(2), "score") == [("crm:a", "score", None, "unknown", "not known")]


def test_a_record_that_did_not_exist_yet_has_no_row(make_world):
    assert rows(make_world(person=PEOPLE), day(1, 7), "status") == []


def test_a_field_that_is_not_kept_is_refused_with_the_nearest(make_world):
    with pytest.raises(
        UsageError, match=r"no values of a field 'scor' over time. Did you mean 'score'\? It keeps: "
    ):
        attribute.as_of(make_world(person=PEOPLE), fields=["scor"], at=day(2))


def test_an_instant_after_the_end_of_the_warehouse_is_refused(make_world):
    con = make_world(person=PEOPLE)
    end = con.execute("select as_of from run.context").fetchall()[0][0]
    with pytest.raises(UsageError, match="cannot tell what held at"):
        attribute.as_of(con, fields=["score"], at=end)
    attribute.as_of(con, fields=["score"], at=end - timedelta(seconds=1))
