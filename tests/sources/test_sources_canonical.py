"""Files that already have the staging tables' names and columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from exports import read, stage, states, write

from funnel.contract import load_contract
from funnel.errors import InputError
from funnel.landing import land
from funnel.project import Project
from funnel.sources import SCHEMA, read_source, scaffold
from funnel.sources.find import SHIPPED
from funnel.warehouse.lint import lint
from funnel.warehouse.model import read_model

FOLDER = SHIPPED / "canonical"
VALUES = {
    "text": "word",
    "boolean": "true",
    "bigint": "250",
    "double": "0.5",
    "money": "10.50",
    "timestamp": "2026-03-02 09:00:00",
    "date": "2026-03-02",
}
"""A value of each type of the schema, as a file has it."""

READ = {**VALUES, "boolean": True, "bigint": 250, "double": 0.5, "money": 10.5}


def value(table: str, column: str, values: dict[str, Any]) -> Any:
    """Return a value that the column accepts."""
    accepted = SCHEMA[table].accepted.get(column)
    return accepted[0] if accepted else values[SCHEMA[table].columns[column]]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sql")), ids=lambda file: file.name)
def test_each_mapping_is_portable_and_is_keyed_as_its_staging_table(file):
    model = read_model(file)
    assert lint(model) == []
    assert model.key == SCHEMA[file.stem].key


def test_every_staging_table_can_be_filled():
    assert read_source(FOLDER).fills == tuple(SCHEMA)


def test_the_contract_to_start_from_is_valid():
    names = [each.name for each in load_contract(FOLDER / "contract.yaml").stages]
    assert names == ["inquiry", "mql", "sal", "sql", "opportunity", "won"]


@pytest.mark.parametrize("table", SCHEMA)
def test_a_file_with_all_columns_of_a_staging_table_is_that_table(tmp_path, table):
    columns = tuple(SCHEMA[table].columns)
    row = {column: value(table, column, VALUES) for column in columns}
    con = stage(tmp_path, "canonical", {f"{table}.csv": [row]})
    assert read(con, table, *columns) == [tuple(value(table, column, READ) for column in columns)]
    assert con.execute(f"select source from staging.{table}").fetchall() == [("canonical",)]
    assert states(con) == {name: "filled" if name == table else "not landed" for name in SCHEMA}


@pytest.mark.parametrize("table", SCHEMA)
def test_a_file_with_the_least_of_a_staging_table_has_null_for_the_rest(tmp_path, table):
    needed = SCHEMA[table].required
    con = stage(
        tmp_path, "canonical", {f"{table}.csv": [{name: value(table, name, VALUES) for name in needed}]}
    )
    rest = [name for name in SCHEMA[table].columns if name not in needed]
    assumed = {name: "unknown" for name in rest if name.endswith("_precision")} | {"evidence": "history"}
    assert read(con, table, *needed) == [tuple(value(table, name, READ) for name in needed)]
    assert read(con, table, *rest) == [tuple(assumed.get(name) for name in rest)]


@pytest.mark.parametrize("table", SCHEMA)
def test_a_file_that_lacks_what_its_table_is_about_is_an_error(tmp_path, table):
    least = {name: value(table, name, VALUES) for name in SCHEMA[table].required}
    missing = SCHEMA[table].required[-1]
    less = {name: given for name, given in least.items() if name != missing} | {"elsewhere": "1"}
    with pytest.raises(InputError) as error:
        stage(tmp_path, "canonical", {f"{table}.csv": [less]})
    assert f"{table}.csv has no " in str(error.value)
    assert f"column '{missing}'" in str(error.value)


def test_an_unknown_column_is_an_error_that_names_the_nearest_one(tmp_path):
    with pytest.raises(InputError, match=r"person.csv has a column 'emial'.*Did you mean 'email'\?"):
        stage(tmp_path, "canonical", {"person.csv": [{"record_id": "1", "kind": "lead", "emial": "a@b.co"}]})


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
