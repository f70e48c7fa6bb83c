"""Tables on pages: words for headers, one format per kind of column, null with its reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from funnel.charts import cells

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


def test_in_a_table_of_several_units_each_row_is_said_in_its_own():
    """A count's interval once stood there as 19,095 %: its columns are called low and high like a rate's."""
    table = pd.DataFrame(
        {
            "title": ["Leads", "Win rate", "Won", "Cycle", "Wait", "Payback", "Coverage"],
            "unit": ["count", "rate", "money", "days", "hours", "months", "ratio"],
            "value": [219.0, 0.3, 743_900.0, 14.0, 3.2, 8.04, 2.5],
            "low": [190.95, 0.22, 432_419.0, 12.0, 2.1, 7.0, 2.0],
            "band_high": [394.0, 0.4, 1_107_325.0, 20.0, 4.0, 9.0, 3.0],
            "n": [219, 90, 27, 27, 91, 27, 27],
            "attainment": [1.1, 1.2, 0.93, 1.0, 1.0, 1.0, 1.0],
        }
    )
    assert shown(table, "EUR") == [
        ["Leads", "219", "191", "394", "219", f"110{GAP}%"],
        ["Win rate", f"30{GAP}%", f"22{GAP}%", f"40{GAP}%", "90", f"120{GAP}%"],
        ["Won", f"€744{GAP}k", f"€432{GAP}k", f"€1.11{GAP}M", "27", f"93{GAP}%"],
        ["Cycle", f"14{GAP}d", f"12{GAP}d", f"20{GAP}d", "27", f"100{GAP}%"],
        ["Wait", f"3.2{GAP}h", f"2.1{GAP}h", f"4.0{GAP}h", "91", f"100{GAP}%"],
        ["Payback", f"8.0{GAP}months", f"7.0{GAP}months", f"9.0{GAP}months", "27", f"100{GAP}%"],
        ["Coverage", "2.5×", "2.0×", "3.0×", "27", f"100{GAP}%"],
    ]


def test_a_unit_that_is_no_unit_of_a_kpi_changes_nothing():
    table = pd.DataFrame({"unit": ["records"], "change": [-0.25], "n": [100]})
    assert shown(table) == [[f"\N{MINUS SIGN}25{GAP}%", "100"]]
