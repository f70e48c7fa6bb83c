"""Landed files as views, as known at an instant; and what the run tables say of the loads."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest

from funnel.errors import UsageError
from funnel.landing import attach

at = datetime.fromisoformat
HEAD = "id,status,score\n"


def test_a_tracked_column_that_differs_between_two_loads_is_a_change(shop):
    for day, rows in [
        ("05", "1,New,5\n2,New,5\n3,New,\n"),
        ("12", "1,MQL,6\n2,New,5\n4,New,\n"),
        ("19", "1,MQL,\n2,New,5\n3,Won,\n4,New,\n"),
    ]:
        shop.file("lead.csv", HEAD + rows)
        shop.land(on=f"2026-01-{day}")
    weeks = at("2026-01-05"), at("2026-01-12"), at("2026-01-19")
    sql = "select * from shop.lead_change order by load_number, id, field"
    assert shop.rows(sql) == [
        ("1", "score", "5.0", "6.0", weeks[0], weeks[1], 2),
        ("1", "status", "New", "MQL", weeks[0], weeks[1], 2),
        ("1", "score", "6.0", None, weeks[1], weeks[2], 3),
        ("3", "status", "New", "Won", weeks[0], weeks[2], 3),
    ]
    assert shop.rows(sql, known_at="2026-01-11") == []


def test_run_load_has_one_row_for_each_load_and_table(shop):
    shop.file("lead_1.csv", HEAD + "1,New,5\n")
    shop.file("lead_2.csv", HEAD + "2,New,x\n")
    shop.file("visit.csv", "lead_id,day\n1,2026-01-01\n")
    shop.land(on="2026-01-05")
    for name in ("lead_1.csv", "lead_2.csv"):
        (shop.exports / name).unlink()
    shop.file("visit.csv", "lead_id,day\n1,2026-01-02\n")
    shop.land(on="2026-01-12")
    assert shop.rows("select * from run.load order by load_id, table_name") == [
        ("shop", "0001-20260105T000000Z", at("2026-01-05"), "lead", "lead_1.csv, lead_2.csv", 2, 1, 0, 1),
        ("shop", "0001-20260105T000000Z", at("2026-01-05"), "visit", "visit.csv", 1, 1, 0, 0),
        ("shop", "0002-20260112T000000Z", at("2026-01-12"), "visit", "visit.csv", 1, 1, 0, 0),
    ]
    assert len(shop.rows("select * from run.load", known_at="2026-01-11")) == 2


def test_known_at_before_the_first_load_is_refused_and_on_its_stroke_is_not(shop):
    shop.file("lead.csv", HEAD + "1,New,5\n")
    shop.land(on="2026-01-05")
    with pytest.raises(
        UsageError, match="At 2026-01-04 23:59:59 UTC nothing had been landed: the first load"
    ):
        shop.leads(known_at="2026-01-04T23:59:59")
    assert shop.leads(known_at="2026-01-05") == [("1", "New")]


def test_attach_returns_the_instant_that_it_answers_for(shop):
    shop.file("lead.csv", HEAD + "1,New,5\n")
    shop.land(on="2026-01-05")
    with duckdb.connect() as con:
        assert attach(con, shop.project, known_at=None) == at("2026-01-05")
        assert attach(con, shop.project, known_at=at("2026-02-01")) == at("2026-02-01")
        aware = at("2026-02-01 01:00:00+01:00")
        assert attach(con, shop.project, known_at=aware) == aware.astimezone(UTC).replace(tzinfo=None)


def test_a_project_without_loads_says_how_to_land(shop):
    with pytest.raises(UsageError, match=r"Nothing is landed in .* Run `funnel land SOURCE PATH`"):
        shop.leads()


def test_a_source_of_which_nothing_was_known_then_has_no_views(shop):
    other = shop.project.sources / "later"
    other.mkdir()
    (other / "source.yaml").write_text(
        "name: later\nzone: UTC\ntables: {x: {files: [x], key: [id], complete: true}}\n"
    )
    shop.file("lead.csv", HEAD + "1,New,5\n")
    shop.land(on="2026-01-05")
    from funnel.landing import land

    land(shop.project, "later", shop.file("x.csv", "id\n1\n"), observed_at=at("2026-01-12"))
    schemas = "select distinct schema_name from duckdb_views() where not internal order by 1"
    assert shop.rows(schemas, known_at="2026-01-11") == [("shop",)]
    assert shop.rows(schemas) == [("later",), ("shop",)]


def test_a_table_that_is_not_needed_is_there_and_empty_with_all_its_columns(shop):
    shop.source(replaced=("complete: false\n", "complete: false\n    needed: false\n"))
    shop.file("lead.csv", HEAD + "1,New,5\n")
    shop.land(on="2026-01-05")
    assert shop.rows("select lead_id, day, pages from shop.visit") == []
    described = shop.rows("select column_name, column_type from (describe shop.visit_version)")
    assert described == [
        ("lead_id", "VARCHAR"),
        ("day", "DATE"),
        ("pages", "BIGINT"),
        ("load_id", "VARCHAR"),
        ("load_number", "INTEGER"),
        ("observed_at", "TIMESTAMP"),
        ("is_tombstone", "BOOLEAN"),
    ]
