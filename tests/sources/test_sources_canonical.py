"""Files that already have the staging tables' names and columns."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from funnel.errors import InputError
from funnel.landing import attach, land
from funnel.project import Project
from funnel.sources import SCHEMA, STAGING, create_staging, find_source

at = datetime.fromisoformat
SAMPLES = {
    "text": "a text",
    "boolean": "true",
    "bigint": "250",
    "double": "0.5",
    "money": "12.50",
    "timestamp": "2026-01-02 10:30:00",
    "date": "2026-01-02",
}
VALUES = {
    "text": "a text",
    "boolean": True,
    "bigint": 250,
    "double": 0.5,
    "money": Decimal("12.50"),
    "timestamp": at("2026-01-02 10:30:00"),
    "date": date(2026, 1, 2),
}


def staged(tmp_path: Path, files: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """Land these files as the source `canonical`, and return a connection with the staging tables."""
    made = Project(tmp_path / "acme")
    made.contracts.mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    land(made, "canonical", tmp_path, observed_at=at("2026-01-05"))
    con = duckdb.connect()
    attach(con, made, known_at=None)
    create_staging(con, made)
    return con


@pytest.mark.parametrize("table", SCHEMA)
def test_a_file_with_all_columns_of_a_table_becomes_that_table(tmp_path, table):
    columns = SCHEMA[table].columns
    precise = dict.fromkeys((name for name in columns if name.endswith("_precision")), "day")
    text = {name: precise.get(name, SAMPLES[kind]) for name, kind in columns.items()}
    con = staged(tmp_path, {f"{table}.csv": ",".join(text) + "\n" + ",".join(text.values()) + "\n"})
    expected = {"source": "canonical", **{n: precise.get(n, VALUES[kind]) for n, kind in columns.items()}}
    assert con.execute(f"select * from staging.{table}").fetchall() == [tuple(expected.values())]
    state = "select state, n_rows from run.source_table where staging_table = ?"
    assert con.execute(state, [table]).fetchall() == [("filled", 1)]


@pytest.mark.parametrize("table", SCHEMA)
def test_a_file_with_nothing_but_what_is_required_has_null_for_the_rest(tmp_path, table):
    required = SCHEMA[table].required
    values = [SAMPLES[SCHEMA[table].columns[name]] for name in required]
    con = staged(tmp_path, {f"{table}.csv": ",".join(required) + "\n" + ",".join(values) + "\n"})
    row = con.execute(f"select * from staging.{table}").fetchall()[0]
    given = dict(zip(STAGING[table], row, strict=True))
    defaults = {"evidence": "history"}
    for name, value in given.items():
        if name not in ("source", *required):
            expected = "unknown" if name.endswith("_precision") else defaults.get(name)
            assert value in (None, expected), name


def test_an_instant_without_a_precision_gets_the_one_that_its_text_shows(tmp_path):
    con = staged(
        tmp_path,
        {
            "person.csv": "record_id,kind,created_at\n1,lead,2026-01-02\n2,lead,2026-01-02T00:00:00+01:00\n3,lead,\n"
        },
    )
    rows = con.execute(
        "select record_id, created_at, created_precision from staging.person order by 1"
    ).fetchall()
    assert rows == [
        ("1", at("2026-01-02"), "day"),
        ("2", at("2026-01-01 23:00:00"), "second"),
        ("3", None, "unknown"),
    ]


def test_tables_without_a_file_are_not_landed(tmp_path):
    con = staged(tmp_path, {"person.csv": "record_id,kind\n1,lead\n"})
    states = dict(con.execute("select staging_table, state from run.source_table").fetchall())
    assert states == {name: "filled" if name == "person" else "not landed" for name in SCHEMA}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            {"person.csv": "record_id,kind,e_mail\n1,lead,a@b.c\n"},
            "person.csv has a column 'e_mail', which table person of the source canonical does not know. "
            "Did you mean 'email'? It knows: record_id, kind,",
        ),
        ({"person.csv": "record_id,email\n1,a@b.c\n"}, "person.csv has no column 'kind' (table person"),
        ({"spend.csv": "spend_id,spent_on\n1,2026-01-02\n"}, "spend.csv has no column 'amount'"),
        (
            {"person.csv": "record_id,kind,employees\n1,lead,many\n"},
            "person.csv, line 2: employees 'many' is not a whole number (decimal mark '.')",
        ),
        (
            {"persons.csv": "record_id,kind\n1,lead\n"},
            "Found: persons.csv. Did you mean 'person'? Names it knows:",
        ),
    ],
)
def test_what_does_not_fit_is_told(tmp_path, files, told):
    with pytest.raises(InputError) as raised:
        staged(tmp_path, files)
    assert told in str(raised.value)


def test_the_source_lands_exactly_the_staging_tables():
    source = find_source(None, "canonical")
    assert list(source.tables) == list(SCHEMA)
    assert source.fills == tuple(SCHEMA)
    for name, table in source.tables.items():
        assert (table.key, table.declared[0]) == (SCHEMA[name].key, SCHEMA[name].key[0])
        assert set(table.declared) == set(SCHEMA[name].columns)
