"""A split by dimension is written in one place: the names that may be asked are the columns that may come out."""

from __future__ import annotations

import duckdb
import pytest

from funnel.metrics.frame import read, splitting
from funnel.metrics.term import DIMENSIONS

ROW = ", ".join(f"'{name} of a' as {name}" for name in DIMENSIONS)


@pytest.mark.parametrize("name", DIMENSIONS)
def test_one_split_is_the_column_of_that_name(name):
    query = splitting(f"select split_by($by, c) as label from (select {ROW}) c")
    assert read(duckdb.connect(), query, by=name)["label"].tolist() == [f"{name} of a"]


def test_a_name_that_is_none_and_no_name_at_all_split_nothing():
    query = splitting(
        f"select case $by when 'all' then 'all' else split_by($by, c) end as label from (select {ROW}) c"
    )
    con = duckdb.connect()
    assert [read(con, query, by=by)["label"].tolist() for by in ("all", "owner", None)] == [
        ["all"],
        [None],
        [None],
    ]


def test_several_splits_are_columns_and_null_where_not_asked():
    query = splitting(f"select split_into($by, row), 1 as more from (select {ROW}) row")
    frame = read(duckdb.connect(), query, by=["region", "channel"])
    assert list(frame) == [*DIMENSIONS, "more"]
    told = frame.iloc[0].dropna().to_dict()
    assert told == {"channel": "channel of a", "region": "region of a", "more": 1}
