"""Source folders: found, read, refused with file, line and key, and copied into a new project."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.contract import load_contracts
from funnel.errors import InputError, UsageError
from funnel.project import Project
from funnel.sources import (
    ATTRIBUTES,
    SCHEMA,
    STAGING,
    ColumnType,
    Csv,
    describe_sources,
    find_source,
    list_sources,
    read_source,
    scaffold,
    snake,
)

GOOD = """\
name: crm
title: Our CRM
zone: Europe/Berlin
day_zone: company
nulls: ["NULL", n/a]
csv: {delimiter: ;, decimal: ",", thousands: ".", encoding: latin-1}
max_reject_share: 0.02
types: {id: id18, "*_id": id18}
tables:
  lead:
    files: [Leads, lead export]
    key: [Id]
    complete: true
    types: {CreatedDate: timestamp, Born: {type: date, format: "%d.%m.%Y"}}
    optional: [Born, OwnerId]
    modified: CreatedDate
    tracked: {Status__c: status}
  note:
    files: [note]
    key: [lead_id, day]
    complete: false
    needed: false
    csv: {delimiter: tab}
"""


def folder(tmp_path: Path, text: str = GOOD, name: str = "crm", **sql: str) -> Path:
    """Write a source folder: source.yaml, and SQL files by their stem (person__part is person.part.sql)."""
    made = tmp_path / "sources" / name
    made.mkdir(parents=True, exist_ok=True)
    (made / "source.yaml").write_text(text, encoding="utf-8")
    for stem, select in sql.items():
        (made / f"{stem.replace('__', '.')}.sql").write_text(select, encoding="utf-8")
    return made


def test_a_source_folder_says_what_to_land_and_how(tmp_path):
    source = read_source(folder(tmp_path, person="select id as record_id, 'lead' as kind from crm.lead"))
    lead, note = source.tables.values()
    assert (source.title, source.zone, source.day_zone) == ("Our CRM", "Europe/Berlin", "company")
    assert (source.nulls, source.max_reject_share, source.max_gone_share) == (("NULL", "n/a"), 0.02, 0.5)
    assert (lead.files, lead.key, lead.complete) == (("leads", "lead_export"), ("id",), True)
    assert lead.types == {"created_date": ColumnType("timestamp"), "born": ColumnType("date", ("%d.%m.%Y",))}
    assert (lead.expected, lead.modified) == (("id", "created_date"), "created_date")
    assert (lead.tracked, lead.csv) == ({"status_c": "status"}, Csv(";", ",", ".", "iso8859-1"))
    assert (note.key, note.complete, note.needed) == (("lead_id", "day"), False, False)
    assert note.csv == Csv("\t", ",", ".", "iso8859-1")
    assert [source.column_type(lead, name).kind for name in ("id", "owner_id", "created_date", "x")] == [
        "id18",
        "id18",
        "timestamp",
        "text",
    ]
    assert [(each.table, each.part, each.reads) for each in source.mappings] == [("person", None, ("lead",))]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "name: crm\n",
            "",
            "crm/source.yaml:1, name: this key is missing. Write for example `name: my_crm`.",
        ),
        ("name: crm", "name: CRM", "crm/source.yaml:1, name: 'CRM' cannot name a source."),
        (
            "name: crm",
            "name: core",
            "'core' cannot name a source. Use small letters, digits and _; not: main, run",
        ),
        ("name: crm", "name: erp", "the source is called 'erp' and its folder 'crm'. Name both alike."),
        ("zone: Europe/Berlin", "zone: Europe/Berln", "is not a time zone. Did you mean 'Europe/Berlin'?"),
        (
            "day_zone: company",
            "day_zone: compny",
            "crm/source.yaml:4, day_zone: 'compny' is not a time zone.",
        ),
        (
            "max_reject_share: 0.02",
            "max_reject_share: 2",
            "expected a share from 0 to 1, found '2'. One percent is",
        ),
        (
            "max_reject_share",
            "max_reject_shares",
            "'max_reject_shares' is not a key of a source. Did you mean",
        ),
        ('"NULL", n/a', "NULL, n/a", "nulls[0]: YAML reads this word as nothing. Write it in quotes"),
        ("delimiter: ;", "delimiter: ;;", "expected one character such as ';' or the word tab, found ';;'."),
        ('decimal: ","', "decimal: komma", "'komma' is not a decimal mark."),
        ('thousands: "."', 'thousands: ","', "the thousands mark and the decimal mark are both ','."),
        ("encoding: latin-1", "encoding: utf-7000", "'utf-7000' is not an encoding. Write for example utf-8"),
        ("id: id18", "id: id_18", "types.id: 'id_18' is not a type. Did you mean 'id18'?"),
        ("  lead:", "  Lead:", "tables.Lead: write the table's name as 'lead'."),
        (
            "files: [note]",
            "fils: [note]",
            "tables.note.fils: 'fils' is not a key of a table. Did you mean 'files'?",
        ),
        (
            "files: [note]",
            "files: [leads]",
            "tables.note.files: 'leads' is a file of the table lead already.",
        ),
        (
            "    key: [lead_id, day]\n",
            "",
            "tables.note.key: this key is missing. Write for example `key: [id]`.",
        ),
        ("complete: false", "complete: maybe", "'maybe' is not true or false."),
        (
            "CreatedDate: timestamp",
            "CreatedDate: timestmap",
            "'timestmap' is not a type. Did you mean 'timestamp'?",
        ),
        ("type: date", "type: text", "'text' is not a type with a format."),
        ('"%d.%m.%Y"', '"%d.%m.%Y %z"', "a format cannot read offsets (%z)."),
        (
            "modified: CreatedDate",
            "modified: CreateDate",
            "Did you mean 'created_date'? Declare it under types",
        ),
        (
            "Status__c: status",
            "Status__c: statu",
            "'statu' is not an attribute of a lead. Did you mean 'status'?",
        ),
    ],
)
def test_a_mistake_in_source_yaml_names_file_line_key_and_what_would_do(tmp_path, old, new, told):
    assert old in GOOD
    with pytest.raises(InputError) as raised:
        read_source(folder(tmp_path, GOOD.replace(old, new, 1)))
    assert told in str(raised.value)
    assert str(raised.value).startswith("crm/source.yaml:")


@pytest.mark.parametrize(
    ("stem", "sql", "told"),
    [
        ("persn", "select 1", "crm/persn.sql: there is no staging table 'persn'. Did you mean 'person'?"),
        (
            "person",
            "select * from crm.leads",
            "crm/person.sql reads crm.leads, which this source does not land. Did you mean 'crm.lead'? "
            "Its tables: crm.lead, crm.note.",
        ),
        ("person", "select * from lead", "crm/person.sql reads lead, which this source does not land."),
        (
            "person",
            "select * from erp.lead",
            "crm/person.sql reads erp.lead, which this source does not land.",
        ),
        ("person", "select from where", "crm/person.sql is not SQL that can be read: "),
        ("person", "select 1; select 2", "crm/person.sql must hold one select and nothing else."),
        ("person", "drop table crm.lead", "crm/person.sql must hold one select and nothing else."),
    ],
)
def test_a_mistake_in_a_mapping_names_its_file_and_the_nearest_table(tmp_path, stem, sql, told):
    with pytest.raises(InputError) as raised:
        read_source(folder(tmp_path, **{stem: sql}))
    assert told in str(raised.value)


def test_a_folder_without_source_yaml_is_no_source(tmp_path):
    with pytest.raises(InputError, match=r"has no source\.yaml"):
        read_source(tmp_path)


def test_a_mapping_may_read_versions_and_changes_and_its_own_steps(tmp_path):
    sql = "with step as (select * from crm.lead_version) select * from step join crm.lead_change using (id)"
    source = read_source(
        folder(tmp_path, person__a=sql, person__b="select * from crm.note", account="select 1 as x")
    )
    assert [(each.table, each.part, each.reads) for each in source.mappings] == [
        ("person", "a", ("lead",)),
        ("person", "b", ("note",)),
        ("account", None, ()),
    ]
    assert source.fills == ("person", "account")


# Finding


def test_a_folder_of_the_project_hides_the_one_of_the_package(tmp_path):
    project = Project(tmp_path)
    assert find_source(project, "olist").title.startswith("Olist")
    folder(tmp_path, GOOD.replace("name: crm", "name: olist"), "olist")
    assert find_source(project, "olist").title == "Our CRM"
    assert find_source(None, "olist").title.startswith("Olist")


def test_all_sources_are_listed_by_name_with_where_they_are_and_what_they_fill(tmp_path):
    folder(tmp_path, person="select id as record_id, 'lead' as kind from crm.lead")
    rows = {row["source"]: row for row in describe_sources(Project(tmp_path))}
    assert list(rows) == sorted([*(source.name for source in list_sources()), "crm"])
    assert rows["crm"] == {
        "source": "crm",
        "title": "Our CRM",
        "from": "project",
        "lands": "lead, note",
        "fills": "person",
    }
    assert (rows["canonical"]["from"], rows["canonical"]["fills"]) == ("package", "all")


def test_an_unknown_source_names_the_nearest_and_lists_all(tmp_path):
    with pytest.raises(UsageError) as raised:
        find_source(Project(tmp_path), "salesfroce")
    assert str(raised.value) == (
        "There is no source 'salesfroce'. Did you mean 'salesforce'? "
        "Sources: canonical, maven, olist, realestate, salesforce. "
        "A source of your own is a folder sources/salesfroce/ with a source.yaml in it."
    )


# Starting


@pytest.mark.parametrize("name", [source.name for source in list_sources()])
def test_a_new_project_has_the_source_a_contract_that_holds_and_a_readme(tmp_path, name):
    told = scaffold(tmp_path / "acme", name)
    project = Project(tmp_path / "acme")
    assert told[0] == f"Made {tmp_path / 'acme'} for the source {name}."
    assert len(load_contracts(project.contracts).versions) == 1
    assert find_source(project, name).folder == project.sources / name
    assert not (project.sources / name / "contract.yaml").exists()
    assert f"funnel land {name} PATH" in (tmp_path / "acme" / "README.md").read_text()


def test_nothing_is_overwritten_by_a_new_project(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        scaffold(tmp_path, "olist")
    with pytest.raises(UsageError, match="There is no source 'olisd'"):
        scaffold(tmp_path / "acme", "olisd")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


# The staging tables


def test_every_staging_table_opens_with_its_source_and_has_its_key_and_required_columns():
    assert len(STAGING) == 13
    for name, table in SCHEMA.items():
        assert next(iter(STAGING[name])) == "source"
        assert set(table.key) <= set(table.required) <= set(table.columns)
        assert set(table.accepted) <= set(table.columns)


def test_every_instant_that_needs_it_has_its_precision_beside_it():
    without = {
        ("account", "created_at"),
        ("activity", "created_at"),
        ("contact_role", "created_at"),
        ("person", "seen_at"),
    }
    instants = {(t.name, c) for t in SCHEMA.values() for c in t.columns if c.endswith("_at")}
    for table, column in instants - without:
        assert f"{column.removesuffix('_at')}_precision" in SCHEMA[table].columns


def test_an_attribute_is_a_column_of_person_and_the_owner_is_its_id():
    assert set(ATTRIBUTES) - {"owner"} <= set(SCHEMA["person"].columns)
    assert "owner_id" in SCHEMA["person"].columns


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("CreatedDate", "created_date"),
        ("created_date", "created_date"),
        ("Created Date", "created_date"),
        ("Score__c", "score_c"),
        ("Lead_ID", "lead_id"),
        ("IsDeleted", "is_deleted"),
        ("OwnerID", "owner_id"),
        ("HTTPServer", "http_server"),
        ("_fivetran_synced", "fivetran_synced"),
        ("Marketing_Cost_AED", "marketing_cost_aed"),
        ("Änderungs-Datum", "änderungs_datum"),
        ("Lead Score (%)", "lead_score"),
        ("%", ""),
    ],
)
def test_a_name_is_the_same_in_any_spelling(written, name):
    assert snake(written) == name
    assert snake(name) == name
