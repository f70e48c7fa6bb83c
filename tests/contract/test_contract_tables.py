"""The tables of schema contract: whole rows, types that DuckDB reads, the same every time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from funnel.contract import contract_tables, load_contracts

Write = Callable[..., Path]
Tables = dict[str, pd.DataFrame]

DAY = 86_400


@pytest.fixture
def tables(write: Write) -> Tables:
    write(('"2026-07"', '"2026-01"'), ("2026-07-01", "2026-01-01"), name="2026-01.yaml")
    path = write(("at_least: 60", "at_least: 70"), ("icp:", "company: Kestrel\nicp:"))
    return contract_tables(load_contracts(path.parent), date(2026, 6, 30), date(2026, 7, 6))


def rows(table: pd.DataFrame, only: str | None = "2026-07") -> list[tuple[Any, ...]]:
    """Return the rows as DuckDB sees them, of one version."""
    with duckdb.connect() as con:
        con.register("here", table)
        found = con.execute("select * from here").fetchall()
    return [row for row in found if only in (None, row[0])]


def test_versions_are_half_open_and_cover_all_time(tables: Tables) -> None:
    def at(*parts: int) -> datetime:
        return datetime(*parts)  # type: ignore[arg-type, misc]

    signed = "marketing: VP Marketing; sales: VP Sales"
    spans = (90 * DAY, 14 * DAY, signed)
    assert rows(tables["version"], None) == [
        (
            "2026-01",
            1,
            at(1900, 1, 1),
            at(2026, 6, 30, 22),
            date(2026, 1, 1),
            "Europe/Berlin",
            None,
            "EUR",
            *spans,
        ),
        (
            "2026-07",
            2,
            at(2026, 6, 30, 22),
            at(9999, 12, 31),
            date(2026, 7, 1),
            "Europe/Berlin",
            "Kestrel",
            "EUR",
            *spans,
        ),
    ]


def test_stages_say_who_hands_to_whom(tables: Tables) -> None:
    assert rows(tables["stage"]) == [
        ("2026-07", "inquiry", "Inquiry", 1, "marketing", None, None),
        ("2026-07", "mql", "MQL", 2, "marketing", "sales", "marketing"),
        ("2026-07", "sal", "SAL", 3, "sales", None, None),
        ("2026-07", "won", "Won", 4, "sales", None, None),
    ]


def test_hand_offs_that_follow_from_owners_are_written_out(write: Write) -> None:
    folder = write(("    hands_to: sales\n", "")).parent
    tables = contract_tables(load_contracts(folder), date(2026, 7, 1), date(2026, 7, 2))
    assert rows(tables["stage"])[1:3] == [
        ("2026-07", "mql", "MQL", 2, "marketing", None, None),
        ("2026-07", "sal", "SAL", 3, "sales", "sales", "marketing"),
    ]


def test_clauses_are_one_row_each_in_the_order_of_the_file(tables: Tables) -> None:
    def row(part: str, name: str, clause: int, n: int, *what: Any) -> tuple[Any, ...]:
        return ("2026-07", f"2026-07/{name}/{part}/1/{clause}", part, name, 1, clause, n, *what)

    assert rows(tables["clause"]) == [
        row("entered_when", "inquiry", 1, 1, "created", None, "present", None, None, "a created record"),
        row("entered_when", "mql", 1, 1, "field", "status", "in", None, None, "the status MQL"),
        row("entered_when", "sal", 1, 1, "field", "status", "in", None, None, "the status Accepted"),
        row("entered_when", "won", 1, 1, "opportunity", None, "in", None, None, "a won opportunity"),
        row("must_meet", "mql", 1, 4, "field", "score", "at_least", 70.0, None, "a score of at least 70"),
        row("must_meet", "mql", 2, 4, "field", "email", "valid_email", None, None, "a valid e-mail address"),
        row(
            "must_meet",
            "mql",
            3,
            4,
            "field",
            "employees",
            "between",
            50.0,
            5e3,
            "between 50 and 5,000 employees",
        ),
        row(
            "must_meet",
            "mql",
            4,
            4,
            "field",
            "industry",
            "in",
            None,
            None,
            "the industry software or logistics",
        ),
        row("exit", "rejected", 1, 1, "field", "status", "in", None, None, "the status Disqualified"),
        row("exit", "recycled", 1, 1, "field", "status", "in", None, None, "the status Nurture"),
    ]


def test_alternatives_are_numbered(write: Write) -> None:
    entry = "{any: [{event: [Demo]}, {all: [{field: score, at_least: 90}, {field: email, is: valid}]}]}"
    folder = write(("{status: [MQL]}", entry)).parent
    clauses = contract_tables(load_contracts(folder), date(2026, 7, 1), date(2026, 7, 2))["clause"]
    assert [row[1:8] for row in rows(clauses) if row[3] == "mql" and row[2] == "entered_when"] == [
        ("2026-07/mql/entered_when/1/1", "entered_when", "mql", 1, 1, 1, "event"),
        ("2026-07/mql/entered_when/2/1", "entered_when", "mql", 2, 1, 2, "field"),
        ("2026-07/mql/entered_when/2/2", "entered_when", "mql", 2, 2, 2, "field"),
    ]


def test_values_keep_their_spelling(tables: Tables) -> None:
    assert rows(tables["clause_value"]) == [
        ("2026-07", "2026-07/mql/entered_when/1/1", "MQL"),
        ("2026-07", "2026-07/sal/entered_when/1/1", "Accepted"),
        ("2026-07", "2026-07/won/entered_when/1/1", "won"),
        ("2026-07", "2026-07/mql/must_meet/1/4", "software"),
        ("2026-07", "2026-07/mql/must_meet/1/4", "logistics"),
        ("2026-07", "2026-07/rejected/exit/1/1", "Disqualified"),
        ("2026-07", "2026-07/recycled/exit/1/1", "Nurture"),
    ]


def test_duties_and_targets_are_rows(tables: Tables) -> None:
    first_touch, cadence = rows(tables["sla"])
    assert first_touch[:-1] == ("2026-07", "first_touch", "business", 14_400, None, 0.9, None)
    assert cadence[:-1] == ("2026-07", "cadence", "elapsed", 864_000, 6, None, None)
    assert (
        cadence[-1]
        == "Cadence: the receiving team makes at least 6 attempts within 10 days of its assignment."
    )
    both, words = "marketing, sales", "Target: MQL to SAL within 90 days: 25 % (owners: marketing and sales)."
    title = ("mql_to_sal", "MQL to SAL", "conversion")
    assert rows(tables["target"]) == [("2026-07", *title, both, 0.25, None, 90 * DAY, 1.0, words)]
    assert rows(tables["reason"]) == [
        ("2026-07", "Competitor", "rejected"),
        ("2026-07", "No budget", "recycled"),
    ]
    assert rows(tables["required_field"]) == [("2026-07", "email", 1), ("2026-07", "company", 2)]
    assert rows(tables["calendar"]) == [("2026-07", "default", "Europe/Berlin")]
    assert rows(tables["sentence"])[1] == (
        "2026-07",
        2,
        "It was approved by VP Marketing for marketing and VP Sales for sales.",
    )


def test_working_hours_are_rows_per_version_and_calendar(tables: Tables) -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 7 if day < 20 else 6, day, hour)

    days = [(29, 30), (30, 1), (1, 2), (2, 3), (3, 6), (6, 7)]
    assert rows(tables["business_hour"]) == [
        ("2026-07", "default", at(day, 7), at(day, 15), at(following, 7), number * 28_800, number + 1)
        for number, (day, following) in enumerate(days)
    ]


def test_empty_tables_keep_their_types(tmp_path: Path) -> None:
    (tmp_path / "alone.yaml").write_text(
        "version: v1\n"
        "effective_from: 2017-01-01\n"
        "approved_by: {sales: Head of Sales}\n"
        "calendar: {zone: UTC, hours: {mon-fri: '09:00-17:00'}}\n"
        "stages: [{name: opportunity, owner: sales, entered_when: {opportunity: created}}]\n"
        "verdict: {horizon: 90 days, landmark: 14 days}\n",
        encoding="utf-8",
    )
    tables = contract_tables(load_contracts(tmp_path), date(2017, 1, 2), date(2017, 1, 3))
    with duckdb.connect() as con:
        con.register("sla", tables["sla"])
        types = dict(con.execute("select column_name, column_type from (describe sla)").fetchall())
    assert len(tables["sla"]) == 0
    assert types == {
        "version": "VARCHAR",
        "sla": "VARCHAR",
        "clock": "VARCHAR",
        "within_seconds": "BIGINT",
        "attempts": "BIGINT",
        "attainment": "DOUBLE",
        "stage": "VARCHAR",
        "words": "VARCHAR",
    }


def test_the_same_contracts_give_the_same_tables(write: Write) -> None:
    folder = write().parent
    first, second = (
        contract_tables(load_contracts(folder), date(2026, 7, 1), date(2026, 7, 31)) for _ in range(2)
    )
    assert list(first) == list(second)
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, second[name])
