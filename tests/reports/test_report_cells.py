"""Tables on pages: words for headers, one format per kind of column, null with its reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from funnel.reports import cells

GAP = "\N{NO-BREAK SPACE}"


def shown(table: pd.DataFrame, currency: str = "") -> list[list[str]]:
    return [[cell.text for cell in row] for row in cells.grid(table, currency=currency).rows]


def test_each_kind_of_column_has_its_format():
    table = pd.DataFrame(
        {
            "value": ["Webinar"],
            "n": [1200],
            "n_converted": [240],
            "rate": [0.2],
            "next_rate": [0.2],
            "median_days": [14.25],
            "won_amount": [Decimal("1234567.00")],
            "period_on": [date(2026, 11, 1)],
            "is_mature": [True],
            "rule": ["not shown"],
        }
    )
    assert shown(table, "EUR") == [
        [
            "Webinar",
            "1,200",
            "240",
            f"20.0{GAP}%",
            f"20.0{GAP}%",
            "14.2",
            f"€1.23{GAP}M",
            "1 November 2026",
            "yes",
        ]
    ]


def test_null_is_an_en_dash_with_its_reason():
    grid = cells.grid(pd.DataFrame({"value": ["a", None], "rate": [None, 0.5], "n": [0, 2]}))
    assert [[(cell.text, cell.reason) for cell in row] for row in grid.rows] == [
        [("a", ""), ("–", cells.UNDEFINED), ("0", "")],
        [("–", cells.UNDEFINED), (f"50{GAP}%", ""), ("2", "")],
    ]


def test_numbers_stand_right_and_text_stands_left():
    grid = cells.grid(pd.DataFrame({"value": ["a"], "n": [1], "is_outside": [False]}))
    assert grid.numeric == (False, True, False)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("n", "n"),
        ("n_converted", "n converted"),
        ("median_days", "median, d"),
        ("business_hours", "business, h"),
        ("week_on", "week"),
        ("low", "low (95 %)"),
    ],
)
def test_headers_are_words_with_their_unit(name, header):
    assert cells.header(name) == header


def test_an_empty_table_still_has_its_headers():
    grid = cells.grid(pd.DataFrame({"value": pd.Series([], dtype=object), "n": pd.Series([], dtype="int64")}))
    assert (grid.headers, grid.rows) == (("value", "n"), ())


def test_columns_that_repeat_another_or_are_empty_stay_out():
    table = pd.DataFrame({"kpi": ["a"], "title": ["A"], "note": [None], "unit": ["rate"], "value": [0.5]})
    assert cells.grid(table).headers == ("name", "value")


def test_parts_of_a_difference_are_points_and_a_probability_is_a_rate():
    table = pd.DataFrame(
        {"title": ["Mix"], "points": [-0.0123], "low_points": [-0.104], "p_harm": [0.5], "begin": [0.2]}
    )
    assert cells.grid(table).headers == ("name", "pts", "low (90 %), pts", "probability of harm")
    assert shown(table) == [["Mix", "−1.2", "−10", f"50{GAP}%"]]
    assert cells.header("unshrunk_points") == "unshrunk, pts"
