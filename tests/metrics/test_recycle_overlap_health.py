"""Recycled leads, overlap and the health of the data; and the words that metrics are asked with."""

from __future__ import annotations

import duckdb
import pytest

from funnel.errors import InputError, UsageError
from funnel.metrics import health, overlap, recycle, term


def test_recycled_leads_are_due_when_exactly_one_horizon_has_passed(house, rows) -> None:
    """Horizon 90 days: recycled on 1 January 00:00, due on 1 April 00:00."""
    here = house("2026-04-01 00:00:00")
    here.cycle("due", mql="2025-12-01", exit=("recycled", "2026-01-01 00:00:00"), exit_reason="No budget")
    here.cycle("not due", mql="2025-12-01", exit=("recycled", "2026-01-01 00:00:01"), exit_reason="No budget")
    here.cycle("some day", mql="2025-12-01", exit="recycled")
    here.cycle("rejected", mql="2025-12-01", exit=("rejected", "2026-01-01"))
    table = recycle.due(here.open())
    columns = [
        "reason",
        "is_total",
        "n_recycled",
        "n_returned",
        "n_waiting",
        "n_due",
        "n_undated",
        "oldest_days",
    ]
    assert rows(table, *columns) == [
        ("No budget", False, 2, 0, 2, 1, 0, 90.0),
        (None, False, 1, 0, 1, 0, 1, None),
        (None, True, 3, 0, 3, 1, 1, 90.0),
    ]
    assert rows(table.tail(1), "returned_rate", "low", "after_days", "state") == [(0.0, 0.0, 90.0, "ok")]


def test_who_came_back_waits_no_longer(house, rows) -> None:
    here = house("2026-04-01 00:00:00")
    here.cycle("p#1", mql="2025-12-01", exit=("recycled", "2025-12-05"), subject_id="p")
    here.cycle("p#2", mql="2026-02-01", subject_id="p", **{"pass": 2})
    table = recycle.due(here.open(), after_days=1)
    assert rows(table.tail(1), "n_recycled", "n_returned", "returned_rate", "n_waiting", "n_due") == [
        (1, 1, 1.0, 0, 0)
    ]


def test_without_recycling_there_is_still_a_total(house, rows) -> None:
    here = house()
    con = here.open()
    assert rows(recycle.due(con), "is_total", "n_recycled", "returned_rate", "state") == [
        (True, 0, None, "undefined")
    ]
    here.add("contract.clause", version="v1", clause_id="c", part="exit", name="recycled")
    assert rows(recycle.due(con), "state") == [("ok",)]


def touch(
    here, touch_id: str, at: str, person: str = "p", channel: str = "ads", precision: str = "second"
) -> None:
    here.add("core.touch", touch_id=touch_id, person_id=person, channel=channel, touched_at=at,
             touched_precision=precision)  # fmt: skip


def test_overlap_counts_touches_of_people_on_open_opportunities_after_they_began(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.opportunity("2026-05-01 10:00:00", 500)
    here.opportunity("2026-05-01 10:00:00", 900, "2026-06-01", "won")
    here.add("core.opportunity_person", opportunity_id="o1", person_id="p")
    here.add("core.contact_role", role_id="r", opportunity_id="o1", person_id="p")
    here.add("core.contact_role", role_id="r", opportunity_id="o1", person_id="q")
    here.add("core.opportunity_person", opportunity_id="o2", person_id="z")
    touch(here, "at creation", "2026-05-01 10:00:00")
    touch(here, "a second later", "2026-05-01 10:00:01")
    touch(here, "last week", "2026-06-08 00:00:00", person="q", channel="web")
    touch(here, "of a closed one", "2026-05-02", person="z")
    table = overlap.open_opportunity(here.open())
    columns = [
        "channel",
        "is_total",
        "n_touches",
        "n_touches_week",
        "n_persons",
        "n_opportunities",
        "amount",
        "state",
    ]
    assert rows(table, *columns) == [
        ("ads", False, 1, 0, 1, 1, 500.0, "ok"),
        ("web", False, 1, 1, 1, 1, 500.0, "ok"),
        (None, True, 2, 1, 2, 1, 500.0, "ok"),
    ]


def test_a_touch_known_to_the_day_counts_from_the_day_after(house, rows) -> None:
    here = house("2026-06-15 00:00:00")
    here.opportunity("2026-05-01 10:00:00", 500)
    here.add("core.opportunity_person", opportunity_id="o1", person_id="p")
    touch(here, "same day", "2026-05-01", precision="day")
    touch(here, "next day", "2026-05-02", precision="day")
    assert rows(overlap.open_opportunity(here.open()).tail(1), "n_touches") == [(1,)]


def test_overlap_without_touches_in_the_source_is_null(house, rows) -> None:
    here = house()
    here.sources("person", "opportunity")
    table = overlap.open_opportunity(here.open())
    assert rows(table, "is_total", "n_touches", "amount", "state") == [
        (True, None, None, "not in this source")
    ]


def load(here, observed_at: str, n_rows: int = 10, n_rejects: int = 0) -> None:
    counts = {"n_rows": n_rows, "n_changed": n_rows, "n_tombstones": 0, "n_rejects": n_rejects}
    here.add("run.load", source="demo", load_id="l", observed_at=observed_at, table_name="lead", **counts)


@pytest.mark.parametrize(
    ("observed_at", "state"), [("2026-06-24 00:00:00", "ok"), ("2026-06-23 23:59:59", "attention")]
)
def test_a_load_is_fresh_for_seven_days(house, rows, observed_at: str, state: str) -> None:
    here = house("2026-07-01 00:00:00")
    load(here, observed_at)
    load(here, "2026-01-01")
    table = health.health(here.open())
    assert rows(table[table["item"] == "freshness"], "source", "state") == [("demo", state)]


def test_rows_rejected_are_counted_with_their_share(house, rows) -> None:
    here = house("2026-07-01 00:00:00")
    load(here, "2026-06-30", n_rows=90, n_rejects=10)
    table = health.health(here.open())
    assert rows(table[table["item"] == "rows"], "source", "n", "n_bad", "share", "state", "words") == [
        ("demo", 90, 10, 0.1, "attention", "90 rows read, 10 rejected")
    ]


def attach_checks(con: duckdb.DuckDBPyConnection, *results: tuple[str, str]) -> None:
    con.execute("attach ':memory:' as checks")
    con.execute("create table checks.result (severity text, state text)")
    con.executemany("insert into checks.result values (?, ?)", list(results))


@pytest.mark.parametrize(
    ("results", "overall"),
    [
        ([("critical", "pass"), ("info", "fail")], ("ok", "clean")),
        ([("critical", "pass"), ("warning", "fail")], ("attention", "usable, with remarks")),
        (
            [("critical", "error"), ("warning", "pass")],
            ("stopped", "not usable: a critical check did not pass"),
        ),
    ],
)
def test_the_whole_is_as_good_as_its_worst_part(house, rows, results, overall) -> None:
    con = house().open()
    attach_checks(con, *results)
    assert rows(health.health(con).head(1), "item", "state", "words") == [("overall", *overall)]


def test_failed_and_broken_checks_are_told_apart(house, rows) -> None:
    con = house().open()
    attach_checks(con, ("warning", "pass"), ("warning", "fail"), ("warning", "error"), ("critical", "pass"))
    table = health.health(con)
    assert rows(table[table["item"] == "checks"], "severity", "n", "n_bad", "words") == [
        ("critical", 1, 0, "1 passed, 0 failed, 0 could not run"),
        ("warning", 3, 2, "1 passed, 1 failed, 1 could not run"),
    ]


def test_checks_that_were_not_run_are_not_clean(house, rows) -> None:
    assert rows(health.health(house().open()), "item", "state") == [
        ("overall", "not run"),
        ("records", "ok"),
        ("checks", "not run"),
    ]


def test_a_warehouse_without_a_context_says_what_to_do(house) -> None:
    here = house()
    here.con.execute("delete from run.context")
    with pytest.raises(InputError, match="Run `funnel build` again"):
        term.context(here.con)


def test_the_context_tells_the_agreed_lengths_in_days(house) -> None:
    found = term.context(house("2026-06-30 23:00:00", offset_hours=2, horizon_days=60).open())
    assert (found.horizon_days, found.landmark_days, str(found.today)) == (60.0, 14.0, "2026-07-01")


def test_a_contract_without_the_stage_asked_for_lists_its_stages(house) -> None:
    with pytest.raises(
        UsageError, match=r"no stage 'xyz'\. Its stages, in funnel order: mql, sal, sql, won\."
    ):
        term.stage(house().open(), "xyz")
