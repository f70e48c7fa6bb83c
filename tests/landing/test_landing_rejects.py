"""Rows that cannot be landed are kept with file, line, reason and text; too many of them stop the load."""

from __future__ import annotations

import random

import duckdb
import numpy as np
import openpyxl
import pytest

from funnel.errors import InputError
from funnel.landing import lines
from funnel.landing.lines import find_records, read_raw

SCORE = "is not a number (decimal mark '.')"


def test_a_reject_tells_its_line_although_fields_before_it_hold_line_breaks(shop):
    shop.file(
        "lead.csv",
        "id,note,score\n"
        '1,"two\nlines",1\n'  # lines 2 and 3
        "\n"
        '2,"with ""quotes"", and\n\na blank line",x\n'  # lines 5 to 7
        "3,plain\n"  # line 8
        "4,plain,4\n"
        "5,plain,y,z\n"
        ",nameless,1\n"
        "6,plain,6\n7,plain,7\n",
    )
    shop.land()
    assert shop.leads("id") == [("1",), ("4",), ("6",), ("7",)]
    assert shop.rejects() == [
        ("lead.csv", 5, f"score 'x' {SCORE}", '2,"with ""quotes"", and\n\na blank line",x'),
        ("lead.csv", 8, "has fewer columns than the header", "3,plain"),
        ("lead.csv", 10, "has more columns than the header", "5,plain,y,z"),
        ("lead.csv", 11, "id, the key, is empty", ",nameless,1"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'\xef\xbb\xbfid,note,score\n1,"a\nb",1\n\n2,c,x\n3,d,3\n', id="a mark"),
        pytest.param(b'id,note,score\r\n1,"a\r\nb",1\r\n\r\n2,c,x\r\n3,d,3\r\n', id="windows"),
        pytest.param(b'id,note,score\r\n1,"a\nb",1\r\n\r\n2,c,x\r\n3,d,3\r\n', id="mixed"),
        pytest.param('id,note,score\n1,"ä\nb",1\n\n2,c,x\n3,d,3\n'.encode("utf-16"), id="utf-16"),
        pytest.param(b'id,note,score\n1,5" x 3\n b,1\n2,c,x\n3,d,3\n', id="a quote that opens nothing"),
    ],
)
def test_the_line_is_right_however_the_file_is_written(shop, content):
    shop.source(replaced=("max_reject_share: 0.5", "max_reject_share: 0.8"))
    shop.file("lead.csv", content)
    shop.land()
    found = {(line, raw) for _, line, reason, raw in shop.rejects() if "score 'x'" in reason}
    assert found == {(4 if b'5"' in content else 5, "2,c,x")}


def test_a_sheet_a_parquet_file_and_a_json_file_tell_the_row(shop):
    book = openpyxl.Workbook()
    for row in (["Id", "Score"], ["1", "x"], [], ["2", 2]):
        book.active.append(row)
    book.save(shop.exports / "lead.xlsx")
    with duckdb.connect() as con:
        con.sql("select '3' as id, '3' as score union all select '4', 'y'").write_parquet(
            str(shop.exports / "lead_1.parquet")
        )
    shop.file("lead_2.jsonl", '{"id": "5", "score": "z"}\n{"id": "6"}\nnot json\n[7]\n{"score": 8}\n')
    shop.source(replaced=("max_reject_share: 0.5", "max_reject_share: 0.9"))
    shop.land()
    assert shop.leads("id") == [("2",), ("3",), ("6",)]
    assert shop.rejects() == [
        ("lead.xlsx, sheet Sheet", 2, f"score 'x' {SCORE}", '{"id":"1","score":"x"}'),
        ("lead_1.parquet", 2, f"score 'y' {SCORE}", '{"id":"4","score":"y"}'),
        ("lead_2.jsonl", 1, f"score 'z' {SCORE}", '{"id":"5","score":"z"}'),
        ("lead_2.jsonl", 3, "is not a JSON object", "not json"),
        ("lead_2.jsonl", 4, "is not a JSON object", "[7]"),
        ("lead_2.jsonl", 5, "id, the key, is empty", '{"id":null,"score":"8"}'),
    ]


def test_a_row_tells_all_that_is_wrong_with_it(shop):
    shop.file("lead.csv", "id,score,n,created_at,ok\n1,,,,\n,x,1.5,31.12.2026,maybe\n")
    shop.land()
    assert shop.rejects() == [
        (
            "lead.csv",
            3,
            "id, the key, is empty; score 'x' is not a number (decimal mark '.'); "
            "n '1.5' is not a whole number (decimal mark '.'); "
            "created_at '31.12.2026' is not a date or an instant (YYYY-MM-DD HH:MM:SS); "
            "ok 'maybe' is not true or false",
            ",x,1.5,31.12.2026,maybe",
        )
    ]


def test_bytes_that_are_no_text_reject_their_row_only(shop):
    shop.file("lead.csv", b"id,note\n1,a\n2,caf\xe9\n3,c\n")
    shop.land()
    assert shop.leads("id") == [("1",), ("3",)]
    assert shop.rejects() == [
        ("lead.csv", 3, "has bytes that are not text in the declared encoding", "2,caf\\xe9")
    ]


def test_an_open_quote_that_swallows_the_rest_counts_as_all_the_lines_it_swallowed(shop):
    shop.file("lead.csv", 'id,note\n1,a\n2,"open\n' + "".join(f"{i},c\n" for i in range(3, 10)))
    with pytest.raises(InputError, match=r"8 of 9 rows \(88\.9%\) .* line 3: has a quote that is not closed"):
        shop.land()
    assert shop.landed_files() == []


def test_the_share_of_rejects_is_judged_on_the_stroke(shop):
    rows = [f"{i},{i}" for i in range(1, 100)]
    shop.source(replaced=("max_reject_share: 0.5", "max_reject_share: 0.01"))
    shop.file("lead.csv", "\n".join(["id,score", *rows, "x,x"]))
    assert shop.land().tables[0].n_rejects == 1
    shop.file("lead.csv", "\n".join(["id,score", *rows[1:], "x,x"]))
    with pytest.raises(InputError, match="1 of 99 rows"):
        shop.land(on="2026-01-06")


def test_what_was_rejected_is_known_again_when_it_was_known_then(shop):
    shop.file("lead.csv", "id,score\n1,1\n2,x\n")
    shop.land(on="2026-01-05")
    shop.file("lead.csv", "id,score\n1,1\n2,x\n3,y\n4,4\n")
    shop.land(on="2026-01-12")
    sql = "select load_id, line, raw from run.reject order by all"
    assert shop.rows(sql, known_at="2026-01-11") == [("0001-20260105T000000Z", 3, "2,x")]
    assert shop.rows(sql) == [
        ("0001-20260105T000000Z", 3, "2,x"),
        ("0002-20260112T000000Z", 3, "2,x"),
        ("0002-20260112T000000Z", 4, "3,y"),
    ]


def records_by_hand(text: str) -> list[tuple[int, str]]:
    """Return first line and text of each record below the header, walking through each character."""
    found, start, quoted = [], 0, False
    for place, char in enumerate(text + ("" if text.endswith("\n") else "\n")):
        quoted ^= char == '"'
        if char == "\n" and not quoted:
            if place > start:
                found.append((text.count("\n", 0, start) + 1, text[start:place]))
            start = place + 1
    return found[1:]


@pytest.mark.parametrize("seed", range(20))
def test_records_are_found_as_by_walking_through_the_file_also_across_chunks(tmp_path, monkeypatch, seed):
    chance = random.Random(seed)
    fields = ["", "a", "long text", '"q"', '"a, b"', '"x\ny"', '"""z"""', '"\n\n"', '"ü"']
    text = "head,of,file\n" + "".join(
        ",".join(chance.choices(fields, k=3)) + chance.choice(["\n", "\n", "\n\n"]) for _ in range(50)
    )
    path = tmp_path / "f.csv"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(lines, "CHUNK", chance.choice([1, 2, 7, 64]))
    expected = records_by_hand(text)
    records = find_records(path, ",", len(expected))
    assert records is not None
    everything = list(range(len(expected)))
    assert list(zip(records.lines.tolist(), read_raw(path, records, everything), strict=True)) == expected
    middle = (records.starts + records.ends) // 2
    assert records.at_bytes(middle.tolist()).tolist() == everything
    assert np.all(records.ends[:-1] < records.starts[1:])


def test_lines_that_cannot_be_told_are_said_to_be_unknown_rather_than_wrong(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("id,note\n1,a\n2,b\n")
    assert find_records(path, ",", 3) is None


def test_a_long_file_with_rejects_all_over_tells_the_line_of_each(shop):
    chance = random.Random(3)
    text, expected, line = ["id,note,score\n"], [], 2
    for i in range(20_000):
        kind = chance.choices(["good", "split", "bad", "short"], [90, 6, 2, 2])[0]
        row = {
            "good": f"{i},plain,1\n",
            "split": f'{i},"two\nlines, ""so""",2\n',
            "bad": f'{i},"a\n\nb",x\n',
            "short": f"{i},short\n",
        }[kind]
        if kind in ("bad", "short"):
            expected.append((line, row.rstrip("\n")))
        text.append(row)
        line += row.count("\n")
    shop.file("lead.csv", "".join(text))
    shop.land()
    assert [(line, raw) for _, line, _, raw in shop.rejects()] == expected
