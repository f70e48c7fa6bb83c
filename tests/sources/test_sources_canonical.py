"""Files that already have the staging tables' names and columns."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from exports import read, stage, write

from funnel.contract import load_contract
from funnel.errors import InputError
from funnel.landing import attach, land
from funnel.project import Project
from funnel.sources import SCHEMA, STAGING, create_staging, find_source, scaffold
from funnel.sources.find import SHIPPED
from funnel.warehouse.lint import lint
from funnel.warehouse.model import read_model

at = datetime.fromisoformat
FOLDER = SHIPPED / "canonical"
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
    defaults = {"evidence": "history", "seen_at": at("2026-01-05")}
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


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sql")), ids=lambda file: file.name)
def test_each_mapping_is_portable_and_is_keyed_as_its_staging_table(file):
    model = read_model(file)
    assert lint(model) == []
    assert model.key == SCHEMA[file.stem].key


def test_the_contract_to_start_from_is_valid():
    names = [each.name for each in load_contract(FOLDER / "contract.yaml").stages]
    assert names == ["inquiry", "mql", "sal", "sql", "opportunity", "won"]


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        ("employees", "many"),
        ("employees", "2.5"),
        ("score", "high"),
        ("created_at", "soon"),
        ("created_at", "2026-02-30 10:00:00"),
        ("is_deleted", "perhaps"),
    ],
)
def test_a_value_of_a_wrong_type_is_a_reject_and_the_rest_is_landed(tmp_path, column, wrong):
    rows = [{"record_id": str(number), "kind": "lead", column: ""} for number in range(200)]
    rows[77][column] = wrong
    con = stage(tmp_path, "canonical", {"person.csv": rows})
    assert len(read(con, "person", "record_id")) == 199
    reject = con.execute("select table_name, file, line, reason from run.reject").fetchall()
    assert [row[:3] for row in reject] == [("person", "person.csv", 79)]
    assert reject[0][3].startswith(f"{column} '{wrong}' is not ")


def test_a_file_that_is_wrong_throughout_is_refused_and_nothing_of_it_is_landed(tmp_path):
    scaffold(tmp_path / "project", "canonical")
    export = write(tmp_path / "export", {"person.csv": [{"record_id": "1", "kind": "lead", "score": "high"}]})
    with pytest.raises(InputError, match="Nothing was landed"):
        land(Project(tmp_path / "project"), "canonical", export, observed_at=datetime(2026, 6, 1))
    assert not (tmp_path / "project" / "data" / "landed" / "canonical" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"created_at": "2026-03-02 09:00:00"}, ("2026-03-02 09:00:00", "second")),
        ({"created_at": "2026-03-02T09:00:00+01:00"}, ("2026-03-02 08:00:00", "second")),
        ({"created_at": "2026-03-02"}, ("2026-03-02 00:00:00", "day")),
        ({"created_at": ""}, (None, "unknown")),
        # the file says it itself
        ({"created_at": "2026-03-02 00:00:00", "created_precision": "day"}, ("2026-03-02 00:00:00", "day")),
        ({"created_at": "2026-03-02 00:00:00", "created_precision": ""}, ("2026-03-02 00:00:00", "second")),
        ({"created_at": "", "created_precision": "second"}, (None, "unknown")),
    ],
)
def test_how_exactly_an_instant_is_known_follows_from_how_it_is_written(tmp_path, given, expected):
    con = stage(tmp_path, "canonical", {"person.csv": [{"record_id": "1", "kind": "lead", **given}]})
    assert read(con, "person", "created_at", "created_precision") == [expected]


def test_money_is_rounded_to_cents_and_ids_stay_as_long_as_they_are(tmp_path):
    rows = [
        {"opportunity_id": "a-number-of-18-chr", "amount": "10.005"},
        {"opportunity_id": "b", "amount": "-3"},
    ]
    con = stage(tmp_path, "canonical", {"opportunity.csv": rows})
    found = read(con, "opportunity", "opportunity_id", "amount")
    assert [(name, str(amount)) for name, amount in found] == [
        ("a-number-of-18-chr", "10.01"),
        ("b", "-3.00"),
    ]


def test_a_row_that_is_gone_from_a_later_file_is_gone_and_a_changed_one_is_changed(tmp_path):
    first = [{"record_id": str(number), "kind": "lead", "status": "New"} for number in range(3)]
    con = stage(
        tmp_path,
        "canonical",
        {"person.csv": first},
        {"person.csv": [first[0], {**first[1], "status": "MQL"}]},
    )
    assert read(con, "person", "record_id", "status") == [("0", "New"), ("1", "MQL")]
