"""Who enters a stage, where everyone stands, and how much of it is imputed; each test states its own rows."""

from __future__ import annotations

import pytest

from funnel.errors import UsageError
from funnel.metrics import conversion


def test_first_time_and_repeat_entries_are_told_apart(house, rows) -> None:
    """One person came twice; q's second cycle is his first time at MQL; r was imputed at MQL in his first."""
    here = house("2026-03-01 00:00:00")
    here.cycle("p#1", mql="2026-01-05", person_id="p")
    here.cycle("p#2", mql="2026-01-20", person_id="p", **{"pass": 2})
    here.cycle("q#2", mql="2026-02-05", person_id="q", **{"pass": 2})
    here.cycle("r#1", sal="2026-01-07", person_id="r")
    here.cycle("r#2", mql="2026-02-07", person_id="r", **{"pass": 2})
    table = conversion.entries(here.open(), stage="mql", period="month")
    columns = ["period_on", "n", "n_persons", "n_first", "n_repeat", "n_imputed", "is_complete"]
    assert rows(table, *columns) == [
        ("2026-01-01", 2, 1, 1, 1, 1, True),
        ("2026-02-01", 2, 2, 1, 1, 0, True),
    ]


def test_every_visit_is_counted_and_backward_ones_apart(house, rows) -> None:
    here = house("2026-03-01 00:00:00")
    here.cycle("back", mql="2026-01-05", sql="2026-01-10", visits=[("mql", "2026-02-01 00:00:00")])
    table = conversion.entries(here.open(), stage="mql", period="month")
    assert rows(table, "period_on", "n", "n_visits", "n_backward") == [
        ("2026-01-01", 1, 1, 0),
        ("2026-02-01", 0, 1, 1),
    ]


def test_an_entry_belongs_to_the_local_month(house, rows) -> None:
    """At UTC+2 the 31st at 22:00 UTC is February."""
    here = house("2026-03-01 00:00:00", offset_hours=2)
    here.cycle("january", mql="2026-01-31 21:59:59")
    here.cycle("february", mql="2026-01-31 22:00:00")
    table = conversion.entries(here.open(), stage="mql", period="month")
    assert rows(table[:2], "period_on", "n", "n_visits") == [("2026-01-01", 1, 1), ("2026-02-01", 1, 1)]


def test_wrong_words_are_refused(house) -> None:
    con = house().open()
    with pytest.raises(UsageError, match="no stage 'mqll'"):
        conversion.entries(con, stage="mqll", period="month")
    with pytest.raises(UsageError, match="no period 'day'"):
        conversion.entries(con, stage="mql", period="day")


def test_stage_three_back_to_one_keeps_the_visit(house, rows) -> None:
    """Now at MQL, furthest at SQL, ever at both and at SAL by implication: three different things."""
    here = house(is_alive=False)
    here.cycle("back", mql="2026-01-05", sql="2026-01-10", visits=[("mql", "2026-01-20")], is_stale=True)
    table = conversion.standing(here.open())
    columns = [
        "stage",
        "n_current",
        "n_stale",
        "n_furthest",
        "n_observed",
        "n_reached",
        "n_visits",
        "n_backward",
    ]
    assert rows(table, *columns) == [
        ("mql", 1, 1, 0, 1, 1, 2, 1),
        ("sal", 0, 0, 0, 0, 1, 0, 0),
        ("sql", 0, 0, 1, 1, 1, 1, 0),
        ("won", 0, 0, 0, 0, 0, 0, 0),
    ]


def test_the_gone_are_in_no_stage_now_and_the_won_are_in_won(house, rows) -> None:
    here = house()
    here.cycle("lost", mql="2026-01-05", exit=("lost", "2026-01-06"))
    here.cycle("won", mql="2026-01-05", won="2026-01-06")
    table = conversion.standing(here.open())
    assert rows(table, "stage", "n_current") == [("mql", 0), ("sal", 0), ("sql", 0), ("won", 1)]


def test_a_headline_says_how_much_of_it_is_imputed(house, rows) -> None:
    here = house()
    here.cycle("a", mql="2026-01-05", sal="2026-01-06", sql="2026-01-07")
    here.cycle("b", mql="2026-01-05", sql="2026-01-07")
    here.cycle("c", mql="2026-01-05", sql="2026-01-07")
    table = conversion.imputation(here.open())
    assert rows(table[1:3], "n", "n_observed", "n_imputed", "rate", "sentence") == [
        (3, 1, 2, 0.6667, "Of 3 at SAL, 2 are imputed from a later stage."),
        (3, 3, 0, 0.0, "None of 3 at SQL is imputed."),
    ]
    funnel = conversion.funnel(here.con, start_on="2026-01-01", end_on="2026-02-01")
    assert funnel["rule"][0].endswith(
        "a later stage implies the earlier ones. Of 3 at SAL, 2 are imputed from a later stage."
    )


def test_one_is_imputed_in_the_singular_and_none_is_said_too(house) -> None:
    here = house()
    here.cycle("b", mql="2026-01-05", sql="2026-01-07")
    con = here.open()
    assert conversion.imputation(con)["sentence"][1] == "Of 1 at SAL, 1 is imputed from a later stage."
    none = conversion.funnel(con, start_on="2025-01-01", end_on="2025-02-01")
    assert none["rule"][0].endswith("None is imputed.")
