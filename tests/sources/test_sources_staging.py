"""Landed tables in, staging tables out: all of them, with declared types, and a word on why one is empty."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from funnel.errors import InputError
from funnel.landing import attach, land
from funnel.project import Project
from funnel.sources import SCHEMA, STAGING, create_staging

at = datetime.fromisoformat
SOURCE = """
name: {name}
zone: UTC
tables:
  lead: {{files: [lead], key: [id], complete: true, types: {{created: timestamp}}, optional: [created, score, paid]}}
  deal: {{files: [deal], key: [id], complete: true}}
  role: {{files: [role], key: [id], complete: true, needed: false, types: {{title: text}}}}
"""
PERSON = "select id as record_id, 'lead' as kind, created as created_at, score from crm.lead"


def project(tmp_path: Path, name: str = "crm", files: dict[str, str] | None = None, **sql: str) -> Project:
    """Make a project with one more source of the given mappings, and land its files."""
    made = Project(tmp_path)
    (made.contracts).mkdir(exist_ok=True)
    folder = made.sources / name
    folder.mkdir(parents=True)
    (folder / "source.yaml").write_text(SOURCE.format(name=name))
    for stem, select in sql.items():
        (folder / f"{stem.replace('__', '.')}.sql").write_text(select)
    exports = tmp_path / "exports" / name
    exports.mkdir(parents=True)
    for file, text in (files or {"lead.csv": "id,created,score\n1,2026-01-01 10:00:00,5\n"}).items():
        (exports / file).write_text(text)
    land(made, name, exports, observed_at=at("2026-01-05"))
    return made


@pytest.fixture
def con():
    with duckdb.connect() as opened:
        yield opened


def staged(con: duckdb.DuckDBPyConnection, made: Project) -> duckdb.DuckDBPyConnection:
    attach(con, made, known_at=None)
    create_staging(con, made)
    return con


def test_all_tables_are_made_with_their_declared_columns_and_types(con, tmp_path):
    staged(con, project(tmp_path, person=PERSON))
    for table, columns in STAGING.items():
        described = con.execute(f"describe staging.{table}").fetchall()
        assert {name: kind for name, kind, *_ in described} == dict(columns)


def test_values_are_cast_and_columns_that_a_mapping_does_not_give_are_null(con, tmp_path):
    opportunity = "select id as opportunity_id, '12.345' as amount from crm.lead"
    staged(con, project(tmp_path, person=PERSON, opportunity=opportunity))
    person = con.execute(
        "select source, record_id, kind, created_at, score, email from staging.person"
    ).fetchall()
    assert person == [("crm", "1", "lead", at("2026-01-01 10:00:00"), 5.0, None)]
    assert con.execute("select amount from staging.opportunity").fetchall() == [(Decimal("12.35"),)]


def test_each_table_says_why_it_is_empty(con, tmp_path):
    staged(con, project(tmp_path, person=PERSON, opportunity="select id as opportunity_id from crm.deal"))
    states = dict(con.execute("select staging_table, state from run.source_table").fetchall())
    assert states == {
        name: {"person": "filled", "opportunity": "not landed"}.get(name, "not in this source")
        for name in SCHEMA
    }
    assert con.execute(
        "select source, n_rows from run.source_table where staging_table = 'person'"
    ).fetchall() == [("crm", 1)]


def test_a_part_whose_table_was_not_landed_is_left_out_and_the_others_are_added_up(con, tmp_path):
    sql = {
        "person__lead": PERSON,
        "person__deal": "select id as record_id, 'contact' as kind from crm.deal",
        "person__role": "select r.title as record_id, 'contact' as kind from crm.lead left join crm.role r using (id)",
        "person__copy": "select id || '!' as record_id, 'contact' as kind from crm.lead",
    }
    staged(con, project(tmp_path, **sql))
    assert con.execute("select record_id from staging.person order by 1").fetchall() == [
        ("1",),
        ("1!",),
        (None,),
    ]
    assert con.execute("select n_rows from run.source_table where staging_table = 'person'").fetchall() == [
        (3,)
    ]


def test_several_sources_fill_one_table(con, tmp_path):
    project(tmp_path, person=PERSON)
    made = project(tmp_path, "erp", person=PERSON.replace("crm.", "erp."))
    staged(con, made)
    assert con.execute("select source, record_id from staging.person order by all").fetchall() == [
        ("crm", "1"),
        ("erp", "1"),
    ]
    assert con.execute("select count(*) from run.source_table").fetchall() == [(2 * len(SCHEMA),)]


def test_staging_may_be_made_anew_on_the_same_connection(con, tmp_path):
    made = project(tmp_path, person=PERSON)
    staged(con, made)
    staged(con, made)
    assert con.execute("select count(*) from staging.person").fetchall() == [(1,)]
    assert con.execute("select count(*) from run.source_table").fetchall() == [(len(SCHEMA),)]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "select id as record_id, 'lead' as kind, id as e_mail from crm.lead",
            "crm/person.sql gives a column 'e_mail', which staging.person does not have. Did you mean 'email'? "
            "Its columns: record_id, kind, created_at,",
        ),
        (
            "select id as record_ids, 'lead' as kind from crm.lead",
            "crm/person.sql gives a column 'record_ids', which staging.person does not have. "
            "Did you mean 'record_id'?",
        ),
        (
            "select id as record_id from crm.lead",
            "crm/person.sql does not give the column 'kind', which staging.person needs. Add `... as kind`.",
        ),
        (
            "select id as record_id, 'lead' as kind, creatd as created_at from crm.lead",
            "crm/person.sql (staging.person) reads a column 'creatd', which was not landed. Did you mean 'created'? "
            "Landed columns of crm.lead: id, created, score",
        ),
        (
            "select l.id as record_id, 'lead' as kind, l.scores as score from crm.lead as l",
            "reads a column 'scores', which was not landed. Did you mean 'score'?",
        ),
        (
            "select id as record_id, 'lead' as kind, 'many' as employees from crm.lead",
            "crm/person.sql failed (staging.person): Conversion Error: Could not convert string 'many' to INT64",
        ),
        (
            "select id as record_id, 'lead' as kind, nosuch(id) as name from crm.lead",
            "crm/person.sql failed (staging.person): Catalog Error: Scalar Function with name nosuch does not exist!",
        ),
    ],
)
def test_a_mistake_in_a_mapping_names_file_table_and_the_nearest_column(con, tmp_path, sql, told):
    with pytest.raises(InputError) as raised:
        staged(con, project(tmp_path, person=sql))
    assert told in str(raised.value)
