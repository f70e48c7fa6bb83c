"""Every format brings the same rows: text in any encoding and dialect, JSON lines, Excel, Parquet, DuckDB."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from decimal import Decimal

import duckdb
import openpyxl
import pytest

at = datetime.fromisoformat

COLUMNS = "id, status, note, paid, score, n, ok, seen_on, created_at, created_precision"
ROWS = [
    (
        "1",
        "Neu",
        "Müller & Söhne",
        Decimal("1234.5000"),
        0.5,
        7,
        True,
        date(2026, 1, 2),
        at("2026-01-02 09:30:00"),
        "second",
    ),
    ("2", None, 'a, b; "c"\nd', None, None, None, False, None, at("2026-01-03 00:00:00"), "day"),
]
TEXT = (
    "Id,Status,Note,Paid,Score,N,Ok,Seen_On,CreatedAt\n"
    "1,Neu,Müller & Söhne,1234.5,0.5,7,true,2026-01-02,2026-01-02 09:30:00\n"
    '2,,"a, b; ""c""\nd",,,,false,,2026-01-03\n'
)
SEMICOLONS = (
    "Id;Status;Note;Paid;Score;N;Ok;Seen_On;CreatedAt\n"
    "1;Neu;Müller & Söhne;1234,5;0,5;7;true;2026-01-02;2026-01-02 09:30:00\n"
    '2;;"a, b; ""c""\nd";;;;false;;2026-01-03\n'
)


def tabbed(text: str) -> str:
    head, first = text.splitlines()[:2]
    second = '2\t\t"a, b; ""c""'
    return "\n".join(
        [head.replace(",", "\t"), first.replace(",", "\t"), second, 'd"\t\t\t\tfalse\t\t2026-01-03', ""]
    )


@pytest.mark.parametrize(
    ("more", "content"),
    [
        pytest.param("", TEXT.encode(), id="utf-8"),
        pytest.param("", b"\xef\xbb\xbf" + TEXT.encode(), id="utf-8 with a mark"),
        pytest.param("", TEXT.encode("utf-16"), id="utf-16 with a mark"),
        pytest.param("csv: {encoding: utf-16-be}", TEXT.encode("utf-16-be"), id="utf-16 without a mark"),
        pytest.param("csv: {encoding: cp1252}", TEXT.encode("cp1252"), id="cp1252"),
        pytest.param(
            "csv: {encoding: cp1252}", b"\xef\xbb\xbf" + TEXT.encode(), id="a mark has the last word"
        ),
        pytest.param("", b"\n\n" + TEXT.encode(), id="blank lines above the header"),
        pytest.param("", TEXT.encode().rstrip(b"\n"), id="no line end at the end"),
        pytest.param("", tabbed(TEXT).encode(), id="tabs, found by the header"),
        pytest.param(
            "csv: {decimal: ','}", SEMICOLONS.encode(), id="decimal comma, semicolons found by the header"
        ),
        pytest.param("csv: {delimiter: ;, decimal: ','}", SEMICOLONS.encode(), id="semicolons, declared"),
    ],
)
def test_text_in_any_encoding_and_dialect_gives_the_same_rows(shop, more, content):
    shop.source(more)
    shop.file("Lead.csv", content)
    shop.land()
    assert shop.leads(COLUMNS) == ROWS


@pytest.mark.parametrize("ends", ["\r\n", "\r", "mixed"])
def test_lines_may_end_in_any_way(shop, ends):
    text = TEXT.replace("\n", "\r\n", 2) if ends == "mixed" else TEXT.replace("\n", ends)
    shop.file("lead.csv", text)
    shop.land()
    assert [(row[0], row[2].replace("\r\n", "\n")) for row in shop.leads(COLUMNS)] == [
        (r[0], r[2]) for r in ROWS
    ]


def test_a_gzipped_file_is_read_as_the_file_in_it(shop):
    shop.file("lead.csv.gz", gzip.compress(TEXT.encode()))
    shop.land()
    assert shop.leads(COLUMNS) == ROWS


def test_json_lines_give_the_same_rows_and_keep_nested_values_as_text(shop):
    lines = [
        '{"Id": 1, "Status": "Neu", "Note": "Müller & Söhne", "Paid": 1234.5, "Score": 0.5, "N": 7, '
        '"Ok": true, "SeenOn": "2026-01-02", "CreatedAt": "2026-01-02T09:30:00Z", "More": {"a": [1, 2]}}',
        "",
        r'{"Id": "2", "Note": "a, b; \"c\"\nd", "Paid": null, "Ok": false, "CreatedAt": "2026-01-03"}',
    ]
    shop.file("lead.jsonl", "\n".join(lines))
    shop.land()
    assert shop.leads(COLUMNS) == ROWS
    assert shop.leads("more") == [('{"a":[1,2]}',), (None,)]


def test_a_sheet_gives_the_same_rows_whether_named_by_the_sheet_or_by_the_file(shop):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Leads"
    sheet.append([])
    sheet.append(["Id", "Status", "Note", "Paid", "Score", "N", "Ok", "Seen On", "Created At"])
    sheet.append(
        [1, "Neu", "Müller & Söhne", 1234.5, 0.5, 7, True, date(2026, 1, 2), at("2026-01-02 09:30:00")]
    )
    sheet.append([])
    sheet.append([2, None, 'a, b; "c"\nd', None, None, None, False, None, date(2026, 1, 3)])
    book.create_sheet("Notes of the team").append(["x"])
    book.save(shop.exports / "export.xlsx")
    load = shop.land()
    assert shop.leads(COLUMNS) == ROWS
    assert load.ignored == ("export.xlsx, sheet Notes of the team",)

    sheet.title = "Sheet1"
    book.save(shop.exports / "leads.xlsx")
    (shop.exports / "export.xlsx").unlink()
    assert shop.land(on="2026-01-06").is_new is False


TYPED = """
select '1' as "Id", 'Neu' as "Status", 'Müller & Söhne' as "Note", 1234.5::double as "Paid",
    0.5 as "Score", 7 as "N", true as "Ok", date '2026-01-02' as "SeenOn",
    timestamp '2026-01-02 09:30:00' as "CreatedAt"
union all
select '2', null, 'a, b; "c"' || chr(10) || 'd', null, null, null, false, null, timestamp '2026-01-03'
"""


def test_parquet_gives_the_same_rows_but_a_timestamp_is_to_the_second(shop):
    with duckdb.connect() as con:
        con.sql(TYPED).write_parquet(str(shop.exports / "lead.parquet"))
    shop.land()
    assert shop.leads(COLUMNS) == [ROWS[0], (*ROWS[1][:-1], "second")]


def test_tables_and_views_of_a_duckdb_file_are_read_by_their_names(shop):
    path = shop.exports / "warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema crm")
        con.execute(f"create table crm.leads as {TYPED}")
        con.execute("create view visit as select '1' as lead_id, date '2026-01-02' as day, 3 as pages")
        con.execute("create table unrelated as select 1 as x")
    load = shop.land(path)
    assert shop.leads(COLUMNS) == [ROWS[0], (*ROWS[1][:-1], "second")]
    assert shop.rows("select lead_id, day, pages from shop.visit") == [("1", date(2026, 1, 2), 3)]
    assert load.ignored == ("warehouse.duckdb, table unrelated",)


def test_decimal_marks_are_a_matter_of_text_files_only(shop):
    shop.source("csv: {decimal: ','}")
    shop.file("lead.jsonl", '{"id": "1", "paid": 1234.5}\n')
    shop.land()
    assert shop.leads("id, paid") == [("1", Decimal("1234.5000"))]


def test_a_table_may_come_in_parts_and_in_a_folder_of_its_own(shop):
    shop.file("lead_1.csv", "id,status\n1,New\n")
    shop.file("Lead_part_02.csv", "id,status,note\n2,Won,x\n")
    shop.file("leads/0.csv", "id\n3\n")
    shop.file("leads/readme.md", "not data")
    shop.file(".hidden/lead.csv", "id\n9\n")
    load = shop.land()
    assert shop.leads("id, status, note") == [("1", "New", None), ("2", "Won", "x"), ("3", None, None)]
    assert load.tables[0].files == ("Lead_part_02.csv", "lead_1.csv", "0.csv")


def test_data_files_of_no_table_are_ignored_and_named(shop):
    shop.file("lead.csv", "id\n1\n")
    shop.file("product.csv", "id\n1\n")
    shop.file("LICENSE", "free")
    assert shop.land().ignored == ("product.csv",)


def test_names_are_one_in_any_spelling(shop):
    shop.file("LEADS.CSV", "ID,Created-At,E-Mail Adresse,Score__c\n1,2026-01-02,a@b.c,5\n")
    shop.land()
    assert shop.leads("id, created_at, e_mail_adresse, score_c") == [
        ("1", at("2026-01-02 00:00:00"), "a@b.c", "5")
    ]
