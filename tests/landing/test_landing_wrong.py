"""Wrong input, and the message that the user reads. Nothing is landed; what was landed stays as it was."""

from __future__ import annotations

import fcntl
import zipfile

import duckdb
import openpyxl
import pytest

from funnel.errors import InputError, UsageError

GOOD = "id,status\n1,New\n2,Won\n"


def nothing_there(shop):
    return shop.exports / "2026-01"


def an_empty_folder(shop):
    (shop.exports / "new").mkdir()
    return shop.exports / "new"


def a_file_of_no_table(shop):
    return shop.file("new/laeds.csv", GOOD)


def an_empty_file(shop):
    return shop.file("new/lead.csv", "")


def only_blank_lines(shop):
    return shop.file("new/lead.csv", "\n\n  \n")


def only_a_header(shop):
    return shop.file("new/lead.csv", "id,status\n")


def another_delimiter(shop):
    shop.source("csv: {delimiter: comma}")
    return shop.file("new/lead.csv", GOOD.replace(",", ";"))


def tabs_where_semicolons_are_declared(shop):
    shop.source("csv: {delimiter: semicolon}")
    return shop.file("new/lead.csv", GOOD.replace(",", "\t"))


def no_key(shop):
    return shop.file("new/lead.csv", "lead_idd,status\n1,New\n")


def no_key_under_any_delimiter(shop):
    return shop.file("new/lead.csv", "number;status\n1;New\n")


def no_declared_column(shop):
    shop.source(replaced=("optional: [created_at, ", "optional: ["))
    return shop.file("new/lead.csv", "id,create_date\n1,2026-01-01\n")


def a_column_twice(shop):
    return shop.file("new/lead.csv", "id,Lead Score,lead_score\n1,2,3\n")


def a_column_of_landing_itself(shop):
    return shop.file("new/lead.csv", "id,Load ID\n1,2\n")


def an_unknown_column_of_a_closed_table(shop):
    shop.source(replaced=("complete: true", "complete: true\n    closed: true"))
    return shop.file("new/lead.csv", "id,statsu\n1,New\n")


def windows_text_declared_as_utf_8(shop):
    return shop.file("new/lead.csv", "id,note\n1,Müller\n2,Köln\n3,ok\n".encode("cp1252"))


def half_a_utf_16_file(shop):
    return shop.file("new/lead.csv", GOOD.encode("utf-16")[:-1])


def dates_in_another_form(shop):
    return shop.file("new/lead.csv", "id,seen_on\n1,31.12.2025\n2,01.01.2026\n3,2026-01-02\n")


def decimal_commas(shop):
    return shop.file("new/lead.csv", 'id,paid\n1,"12,50"\n2,"3,99"\n')


def a_workbook_without_the_sheet(shop):
    book = openpyxl.Workbook()
    book.active.title = "Laed"
    book.active.append(["id"])
    (shop.exports / "new").mkdir()
    book.save(shop.exports / "new" / "export.xlsx")
    return shop.exports / "new" / "export.xlsx"


def a_workbook_that_is_none(shop):
    return shop.file("new/lead.xlsx", "id,status\n1,New\n")


def an_empty_sheet(shop):
    (shop.exports / "new").mkdir()
    openpyxl.Workbook().save(shop.exports / "new" / "lead.xlsx")
    return shop.exports / "new" / "lead.xlsx"


def a_zip_named_as_a_workbook(shop):
    (shop.exports / "new").mkdir()
    with zipfile.ZipFile(shop.exports / "new" / "lead.xlsx", "w") as file:
        file.writestr("x", "y")
    return shop.exports / "new" / "lead.xlsx"


def a_duckdb_file_without_the_tables(shop):
    (shop.exports / "new").mkdir()
    with duckdb.connect(str(shop.exports / "new" / "crm.duckdb")) as con:
        con.execute("create table vist as select 1 as x")
    return shop.exports / "new" / "crm.duckdb"


def a_duckdb_file_that_is_none(shop):
    return shop.file("new/crm.duckdb", "not a database, but long enough to be read as one" * 100)


def a_parquet_file_that_is_none(shop):
    return shop.file("new/lead.parquet", "PAR1 not really")


def one_json_array(shop):
    return shop.file("new/lead.json", '[\n{"id": 1}]')


def a_json_file_without_objects(shop):
    return shop.file("new/lead.jsonl", "1\n2\n")


WRONG = {
    nothing_there: (UsageError, "There is nothing at ", "Name a folder of exported files, or one file."),
    an_empty_folder: (
        InputError,
        "new holds no table of the source shop. No data file was found. Names it knows: lead, leads, visit "
        "(source.yaml, tables.<table>.files).",
    ),
    a_file_of_no_table: (
        InputError,
        "Found: laeds.csv. Did you mean 'leads'? Names it knows: lead, leads, visit",
    ),
    an_empty_file: (
        InputError,
        "lead.csv is empty (0 bytes): an export has at least a header. Export it again, or leave it out.",
    ),
    only_blank_lines: (InputError, "lead.csv has no header: its first row should name the columns."),
    only_a_header: (
        InputError,
        "lead.csv: a header and no rows. As a full export that would mean that every lead is gone. "
        "Export it again; if there really are none, leave the file out or say complete: false.",
    ),
    another_delimiter: (
        InputError,
        "lead.csv has no key column 'id' (table lead of the source shop). "
        "The header looks as if ';' were the delimiter: say csv: {delimiter: ';'}. Its columns: id;status.",
    ),
    tabs_where_semicolons_are_declared: (
        InputError,
        "as if 'tab' were the delimiter: say csv: {delimiter: 'tab'}",
    ),
    no_key: (InputError, "has no key column 'id'", "Its columns: lead_idd, status."),
    no_key_under_any_delimiter: (InputError, "has no key column 'id'", "Its columns: number, status."),
    no_declared_column: (
        InputError,
        "lead.csv has no column 'created_at' (table lead of the source shop). Did you mean 'create_date'?",
    ),
    a_column_twice: (InputError, "lead.csv has the column 'lead_score' 2 times: Lead Score, lead_score."),
    a_column_of_landing_itself: (InputError, "has a column 'load_id', a name of landing's own. Rename it."),
    an_unknown_column_of_a_closed_table: (
        InputError,
        "lead.csv has a column 'statsu', which table lead of the source shop does not know. "
        "Did you mean 'status'?",
    ),
    windows_text_declared_as_utf_8: (
        InputError,
        "2 of 3 rows (66.7%) of table lead cannot be landed; the source shop allows 50.0% "
        "(max_reject_share). First: lead.csv, line 2: has bytes that are not text in the declared encoding; lead.csv, line 3: ",
    ),
    half_a_utf_16_file: (
        InputError,
        "lead.csv cannot be read as utf-16: ",
        "Say how it is encoded in source.yaml, for example csv: {encoding: cp1252}.",
    ),
    dates_in_another_form: (
        InputError,
        "2 of 3 rows",
        "First: lead.csv, line 2: seen_on '31.12.2025' is not a date (YYYY-MM-DD); "
        "lead.csv, line 3: seen_on '01.01.2026' is not a date (YYYY-MM-DD). Nothing was landed.",
    ),
    decimal_commas: (InputError, "lead.csv, line 2: paid '12,50' is not a number (decimal mark '.')"),
    a_workbook_without_the_sheet: (
        InputError,
        "export.xlsx holds no table of the source shop. Found: export.xlsx, sheet Laed. Did you mean 'lead'?",
    ),
    a_workbook_that_is_none: (InputError, "lead.xlsx cannot be opened as a workbook: "),
    an_empty_sheet: (InputError, "lead.xlsx, sheet Sheet has no header"),
    a_zip_named_as_a_workbook: (InputError, "lead.xlsx cannot be opened as a workbook: "),
    a_duckdb_file_without_the_tables: (
        InputError,
        "crm.duckdb holds no table of the source shop. Found: crm.duckdb, table vist. Did you mean 'visit'?",
    ),
    a_duckdb_file_that_is_none: (InputError, "crm.duckdb cannot be opened as a DuckDB file: "),
    a_parquet_file_that_is_none: (InputError, "lead.parquet cannot be read as Parquet: "),
    one_json_array: (InputError, "lead.json is one JSON array. Write one object per line (JSON lines)"),
    a_json_file_without_objects: (InputError, "lead.jsonl holds no JSON object."),
}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_wrong_input_is_refused_in_words_and_changes_nothing(shop, wrong):
    kind, *told = WRONG[wrong]
    shop.file("lead.csv", "id,status,created_at\n1,New,2026-01-01\n2,Won,2026-01-01\n")
    shop.land(shop.exports / "lead.csv", on="2026-01-05")
    before = {name: (shop.project.landed / "shop" / name).read_bytes() for name in shop.landed_files()}
    path = wrong(shop)
    with pytest.raises(kind) as raised:
        shop.land(path, on="2026-01-12")
    for piece in told:
        assert piece in str(raised.value)
    assert {
        name: (shop.project.landed / "shop" / name).read_bytes() for name in shop.landed_files()
    } == before


def test_one_broken_table_keeps_all_others_of_its_export_from_being_landed(shop):
    shop.file("lead.csv", GOOD)
    shop.file("visit.csv", "lead_id,pages\n1,2\n")
    with pytest.raises(InputError, match="no key column 'day'"):
        shop.land()
    assert shop.landed_files() == []


def test_two_lands_of_one_source_at_once_are_refused(shop):
    shop.file("lead.csv", GOOD)
    (shop.project.landed / "shop").mkdir(parents=True)
    with (shop.project.landed / "shop" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="Another process is landing the source shop"):
            shop.land()
    assert shop.land().is_new


@pytest.mark.parametrize("content", ["", "{", '{"format": 1}', '{"format": 2, "loads": []}', "[]"])
def test_a_broken_manifest_is_said_to_be_one(shop, content):
    shop.file("lead.csv", GOOD)
    (shop.project.landed / "shop").mkdir(parents=True)
    (shop.project.landed / "shop" / "manifest.json").write_text(content)
    with pytest.raises(InputError, match=r"manifest\.json (is not a manifest|has format 2)"):
        shop.land()
