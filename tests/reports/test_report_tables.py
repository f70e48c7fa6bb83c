"""Tables beside the pages: harmless CSV, Parquet of equal bytes, no two of one name."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from funnel.charts.table import from_parquet, to_parquet
from funnel.errors import InputError
from funnel.reports import tables

ROWS = pd.DataFrame(
    {
        "value": ["=1+1", "+x", "-x", "@x", "\tx", "a,b", 'say "x"', None],
        "n": [1, -2, 3, 4, 5, 6, 7, 8],
        "rate": [0.5, None, 0.25, 1.0, 0.0, 0.1, 0.2, 0.3],
    }
)


def test_no_cell_of_a_csv_can_start_a_formula_and_numbers_stay_numbers():
    assert tables.to_csv(ROWS).decode() == (
        "value,n,rate\n"
        "'=1+1,1,0.5\n"
        "'+x,-2,\n"
        "'-x,3,0.25\n"
        "'@x,4,1.0\n"
        "'\tx,5,0.0\n"
        '"a,b",6,0.1\n'
        '"say ""x""",7,0.2\n'
        ",8,0.3\n"
    )


@pytest.mark.parametrize("value", ["=x", " =x", "  @SUM(A1)", "\r=x", "-1+1"])
def test_a_formula_behind_blanks_is_one_too(value):
    assert tables.harmless(value) == f"'{value}"


@pytest.mark.parametrize("value", ["x", "", "a=b", 3, -3, None])
def test_other_cells_are_left_alone(value):
    assert tables.harmless(value) == value


def test_a_header_cannot_start_a_formula():
    assert tables.to_csv(pd.DataFrame({"=x": [1]})) == b"'=x\n1\n"


def test_parquet_gives_back_the_rows_and_equal_tables_give_equal_bytes():
    table = pd.DataFrame(
        {
            "on": [date(2026, 11, 9), None],
            "amount": [Decimal("12.30"), None],
            "name": ["x", None],
            "n": [1, 2],
            "nothing": [None, None],
        }
    )
    assert to_parquet(table) == to_parquet(table.copy())
    back = from_parquet(to_parquet(table))
    assert list(back.columns) == ["on", "amount", "name", "n", "nothing"]
    assert (back["name"][0], back["n"].tolist(), float(back["amount"][0])) == ("x", [1, 2], 12.3)
    assert back.loc[1, ["on", "amount", "name", "nothing"]].isna().all()


def test_what_was_written_is_told_by_name_with_the_hashes_of_the_files(tmp_path):
    written = tables.write_tables({"b": ROWS, "a": ROWS.head(1)}, tmp_path)
    assert [(each.name, each.n_rows) for each in written] == [("a", 1), ("b", 8)]
    for each in written:
        assert each.csv_sha256 == hashlib.sha256((tmp_path / f"{each.name}.csv").read_bytes()).hexdigest()
        content = (tmp_path / f"{each.name}.parquet").read_bytes()
        assert each.parquet_sha256 == hashlib.sha256(content).hexdigest()


def test_an_index_or_an_empty_table_does_no_harm(tmp_path):
    written = tables.write_tables({"empty": ROWS.iloc[:0], "part": ROWS.iloc[2:4]}, tmp_path)
    assert [each.n_rows for each in written] == [0, 2]
    assert from_parquet((tmp_path / "part.parquet").read_bytes())["n"].tolist() == [3, 4]


def test_two_figures_of_one_name_are_refused():
    with pytest.raises(InputError, match="Two figures of the edition are called 'a'"):
        tables.gather([("a", ROWS), ("a", ROWS)])


@pytest.mark.parametrize("text", ["a\r=1", "a\r\n=1", "a\n=1", "\r=1"])
def test_no_line_break_within_a_cell_begins_a_row_of_the_csv(text):
    read = pd.read_csv(io.BytesIO(tables.to_csv(pd.DataFrame({text: [text, "b"]}))))
    assert len(read) == 2
    assert list(read.columns) == list(read.iloc[:1, 0])
