"""The checks of landed files and of staging that are files of their own, on the stroke."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Failing = Callable[..., list[tuple[str, str]]]


def load(load_id: str, observed_at: str, **columns: Any) -> dict[str, Any]:
    """State one file of a load; the warehouse is as of 2026-07-01 00:00."""
    counted = {"n_rows": 100, "n_changed": 100, "n_tombstones": 0, "n_rejects": 0}
    stated = {
        "source": "crm",
        "load_id": load_id,
        "observed_at": observed_at,
        "table_name": "lead",
        "file": "lead.csv",
    }
    return stated | counted | columns


@pytest.mark.parametrize(
    ("check", "days", "last_good", "first_bad"),
    [
        ("landed_data_ageing", 8, "2026-06-23 00:00:00", "2026-06-22 23:59:59"),
        ("landed_data_stale", 35, "2026-05-27 00:00:00", "2026-05-26 23:59:59"),
    ],
)
def test_the_last_load_of_each_source_may_be_so_many_days_old(
    failing: Failing, check: str, days: int, last_good: str, first_bad: str
) -> None:
    assert failing(check, run__load=[load("l1", "2026-01-01 00:00:00"), load("l2", last_good)]) == []
    other = load("l1", last_good, source="spend")
    assert failing(check, run__load=[load("l1", "2026-01-01 00:00:00"), load("l2", first_bad), other]) == [
        ("crm", f"last loaded {first_bad}, as of 2026-07-01 00:00:00")
    ], days


def test_a_load_after_the_reports_date_is_not_stale(failing: Failing) -> None:
    assert failing("landed_data_stale", run__load=[load("l1", "2027-01-01 00:00:00")]) == []


@pytest.mark.parametrize(
    ("n_rows", "n_rejects", "fails"), [(100, 1, False), (99, 1, True), (1, 1, True), (0, 0, False)]
)
def test_one_row_in_a_hundred_may_be_rejected(
    failing: Failing, n_rows: int, n_rejects: int, fails: bool
) -> None:
    loads = [load("l1", "2026-06-30 00:00:00", n_rows=n_rows, n_rejects=n_rejects)]
    expected = [("crm.lead l1", f"{n_rejects} of {n_rows} rows rejected")]
    assert failing("landed_rejects_over_share", run__load=loads) == (expected if fails else [])


def test_each_rejected_row_is_named_by_file_and_line(failing: Failing) -> None:
    rejected = {
        "source": "crm",
        "load_id": "l1",
        "file": "lead.csv",
        "line": 7,
        "reason": "4 fields, not 5",
        "raw": "a;b",
    }
    assert failing("landed_rejects", run__reject=[rejected, rejected | {"line": None, "raw": None}]) == [
        ("crm lead.csv:7", "4 fields, not 5: a;b"),
        ("crm lead.csv:?", "4 fields, not 5"),
    ]


class TestRowCountJump:
    @pytest.mark.parametrize(
        ("n_before", "n_last", "fails"),
        [
            (100, 200, False),
            (100, 201, True),
            (200, 100, False),
            (201, 100, True),
            (10, 99, False),
            (10, 100, True),
        ],
    )
    def test_more_than_double_or_less_than_half_fails_from_a_hundred_rows_on(
        self, failing: Failing, n_before: int, n_last: int, fails: bool
    ) -> None:
        loads = [load("l1", "2026-06-01", n_rows=n_before), load("l2", "2026-06-08", n_rows=n_last)]
        expected = [("crm.lead l2", f"{n_last} rows, {n_before} in the load before")]
        assert failing("landed_row_count_jump", run__load=loads) == (expected if fails else [])

    def test_only_the_last_load_of_a_table_is_judged_and_its_files_are_added(self, failing: Failing) -> None:
        loads = [
            load("l1", "2026-06-01", n_rows=1000),
            load("l2", "2026-06-08", n_rows=100),
            load("l3", "2026-06-15", n_rows=60),
            load("l3", "2026-06-15", n_rows=60, file="lead2.csv"),
            load("l3", "2026-06-15", n_rows=500, table_name="task"),
        ]
        assert failing("landed_row_count_jump", run__load=loads) == []


@pytest.mark.parametrize(("n_rows", "n_gone", "fails"), [(80, 20, False), (79, 21, True), (0, 0, False)])
def test_a_fifth_of_a_full_export_may_be_gone(
    failing: Failing, n_rows: int, n_gone: int, fails: bool
) -> None:
    old = load("l1", "2026-06-01", n_rows=1, n_tombstones=99)
    loads = [old, load("l2", "2026-06-08", n_rows=n_rows, n_tombstones=n_gone)]
    expected = [("crm.lead l2", f"{n_gone} rows gone, {n_rows} left")]
    assert failing("landed_rows_gone", run__load=loads) == (expected if fails else [])


def test_the_newest_lead_may_be_eight_days_old_and_later_ones_are_not_seen(failing: Failing) -> None:
    late = {"source": "crm", "record_id": "3", "created_at": "2026-07-02 00:00:00"}
    good = [late, late | {"record_id": "1", "created_at": "2026-06-23 00:00:00"}]
    assert failing("newest_lead_is_old", staging__person=good) == []
    bad = [late, late | {"record_id": "1", "created_at": "2026-06-22 23:59:59"}]
    assert failing("newest_lead_is_old", staging__person=bad) == [
        ("crm", "the newest lead was created 2026-06-22 23:59:59, as of 2026-07-01 00:00:00")
    ]


def test_what_happens_a_second_after_its_load_fails(failing: Failing) -> None:
    at, after = "2026-06-30 12:00:00", "2026-06-30 12:00:01"
    found = failing(
        "event_after_load",
        run__load=[load("l1", at)],
        staging__person=[
            {"source": "crm", "record_id": r, "created_at": t} for r, t in [("1", at), ("2", after)]
        ],
        staging__stage_event=[{"source": "crm", "event_id": "1", "label": "MQL", "entered_at": after}],
        staging__attribute_event=[{"source": "crm", "event_id": "1", "field": "status", "changed_at": after}],
        staging__activity=[{"source": "crm", "activity_id": "1", "done_at": after}],
        staging__opportunity=[
            {"source": "crm", "opportunity_id": "1", "closed_at": after, "is_closed": True},
            {"source": "crm", "opportunity_id": "2", "closed_at": after, "is_closed": False},
        ],
    )
    assert found == [
        ("crm activity 1", f"done {after}, loaded {at}"),
        ("crm attribute event 1", f"status {after}, loaded {at}"),
        ("crm opportunity 1", f"closed {after}, loaded {at}"),
        ("crm person 2", f"created {after}, loaded {at}"),
        ("crm stage event 1", f"MQL {after}, loaded {at}"),
    ]


class TestStagingReferences:
    """A reference is looked up in its own source, and only where that source fills the parent."""

    def test_the_same_id_in_another_source_does_not_help(self, failing: Failing) -> None:
        people = [
            {"source": "crm", "record_id": "1", "owner_id": "r1"},
            {"source": "crm", "record_id": "2", "owner_id": "r2"},
            {"source": "crm", "record_id": "3", "owner_id": None},
        ]
        reps = [{"source": "crm", "rep_id": "r1"}, {"source": "other", "rep_id": "r2"}]
        filled = [{"source": "crm", "staging_table": "rep", "state": "filled"}]
        found = failing(
            "staging_person_owner_id_found",
            staging__person=people,
            staging__rep=reps,
            run__source_table=filled,
        )
        assert found == [("crm | 2", "owner_id r2 is not in staging.rep")]

    def test_a_source_that_does_not_fill_the_parent_is_not_examined(self, failing: Failing) -> None:
        people = [{"source": "leads", "record_id": "1", "owner_id": "Anna"}]
        told = [
            {"source": "crm", "staging_table": "rep", "state": "filled"},
            {"source": "leads", "staging_table": "rep", "state": "not in this source"},
        ]
        name = "staging_person_owner_id_found"
        assert failing(name, staging__person=people, run__source_table=told) == []

    def test_a_table_may_refer_to_itself(self, failing: Failing) -> None:
        people = [
            {"source": "crm", "record_id": "lead", "contact_id": "contact"},
            {"source": "crm", "record_id": "contact"},
            {"source": "crm", "record_id": "lost", "contact_id": "nobody"},
            {"source": "crm", "record_id": "own", "contact_id": "own"},
        ]
        filled = [{"source": "crm", "staging_table": "person", "state": "filled"}]
        found = failing("staging_person_contact_id_found", staging__person=people, run__source_table=filled)
        assert found == [("crm | lost", "contact_id nobody is not in staging.person")]
