"""The SQL that is shown is the SQL that ran: it can be run again by hand and gives the same rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import duckdb
import pandas as pd
import pytest
from world import changes, lead

import funnel
from funnel.errors import UsageError
from funnel.metrics import conversion, curve, journey, quality, velocity
from funnel.warehouse import show_sql as module
from funnel.warehouse.show_sql import filled, literal

WINDOW = {"from_stage": "mql", "to_stage": "sql", "within_days": 30.5}
ASKED = [
    (conversion.funnel, {}),
    (conversion.rate, {"convention": "cohort", "period": "month", "by": ["channel", "pass"], **WINDOW}),
    (conversion.by_dimension, {"dimension": "campaign", **WINDOW}),
    (quality.acceptance, {"dimension": "channel"}),
    (quality.definition, {}),
    (velocity.steps, {}),
    (curve.endings, WINDOW),
    (
        journey.funnel,
        {
            "steps": [journey.step("stage", stage="inquiry"), journey.step("stage", stage="mql")],
            "within_days": 9,
        },
    ),
]


@pytest.fixture
def con(make_world):
    return make_world(
        person=[
            lead("1", "2026-01-05 10:00", status="Qualified", campaign_id="c'1", channel="O'Hara; --x"),
            lead("2", "2026-01-06 10:00", status="MQL", channel="$name ?"),
        ],
        campaign=[{"campaign_id": "c'1", "name": "It's `=cmd`"}],
        attribute_event=[
            *changes(
                "1", "status", ("2026-01-07 09:00", "MQL"), ("2026-01-09 09:00", "Qualified"), first="New"
            ),
            *changes("2", "status", ("2026-01-08 09:00", "MQL"), first="New"),
        ],
    )


class Both:
    """A connection that runs each statement as it came and as it is shown, and compares the rows."""

    def __init__(self, con: Any) -> None:
        self.con, self.n = con, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)

    def __enter__(self) -> Both:
        return self

    def __exit__(self, *raised: Any) -> None:
        self.con.close()

    def cursor(self) -> Both:
        return Both(self.con.cursor())

    def execute(self, query: str, parameters: Any = None) -> Any:
        if query.lstrip().lower().startswith(("select", "with", "from")):
            shown = self.con.execute(filled(query, parameters)).df()
            pd.testing.assert_frame_equal(shown, self.con.execute(query, parameters).df())
            self.n += 1
        return self.con.execute(query, parameters)


@pytest.mark.parametrize(("metric", "asked"), ASKED, ids=lambda value: getattr(value, "__name__", ""))
def test_each_shown_statement_gives_the_rows_that_the_metric_read(con, metric, asked):
    both = Both(con)
    metric(both, **asked)
    assert both.n > 0


@pytest.mark.parametrize(("metric", "asked"), ASKED, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_shown_runs_by_hand_from_top_to_bottom(con, metric, asked):
    shown = funnel.show_sql(metric, con, **asked)
    assert shown.title == metric.__name__
    assert len(set(shown.statements)) == len(shown.statements) > 0
    with con.cursor() as by_hand:
        by_hand.execute(str(shown))


def test_the_metric_gets_what_it_was_asked(con):
    shown = funnel.show_sql(conversion.by_dimension, con, dimension="campaign", **WINDOW)
    assert "'campaign'" in str(shown)
    assert str(round(30.5 * 86_400)) in str(shown)


def test_the_name_of_a_model_gives_the_file_that_builds_it():
    shown = funnel.show_sql("marts.handoff")
    assert str(shown).startswith("-- One row per hand-off")
    assert len(shown.statements) == 1


def test_an_unknown_model_names_the_nearest():
    with pytest.raises(
        UsageError, match=r"No model builds 'marts\.handof'\. Did you mean 'marts\.handoff'\?"
    ):
        funnel.show_sql("marts.handof")


def test_a_metric_without_a_connection_says_how_to_ask():
    with pytest.raises(UsageError, match=r"Write show_sql\(funnel, con, \.\.\.\)"):
        funnel.show_sql(conversion.funnel)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (7, "7"),
        (-7, "-7"),
        (0.1, "cast('0.1' as double)"),
        (float("nan"), "cast('nan' as double)"),
        ("O'Hara", "'O''Hara'"),
        (date(2026, 1, 2), "CAST('2026-01-02' AS DATE)"),
        (datetime(2026, 1, 2, 3, 4, 5, 6), "CAST('2026-01-02 03:04:05.000006' AS TIMESTAMP)"),
        (pd.Timestamp("2026-01-02"), "CAST('2026-01-02 00:00:00' AS TIMESTAMP)"),
        (["a", "'"], "['a', '''']"),
        ([], "[]"),
    ],
)
def test_a_value_is_written_as_duckdb_reads_it_back(value, said):
    assert literal(value) == said
    with duckdb.connect() as con:
        (there,) = con.execute("select $given", {"given": value}).fetchall()[0]
        (here,) = con.execute(f"select {said}").fetchall()[0]
    assert here == there or (here != here and there != there)


def test_a_type_that_is_no_literal_is_refused():
    with pytest.raises(UsageError, match="type object cannot be written"):
        literal(object())


def test_marks_in_texts_and_comments_stay_as_they_are():
    query = "select '$a ?', $a -- $a ?\n, '''$a'"
    assert filled(query, {"a": "x?"}) == "select '$a ?', 'x?' -- $a ?\n, '''$a'"
    assert filled("select ?, '?', ?", [1, "?"]) == "select 1, '?', '?'"
    assert filled("  select $a  ", None) == "select $a"


def test_text_of_a_crm_cannot_end_the_block_that_a_notebook_shows():
    shown = module.Shown("x", ("select '```\n<script>'",))
    assert shown._repr_markdown_() == "````sql\nselect '```\n<script>';\n````"
