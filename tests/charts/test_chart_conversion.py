"""Charts of conversion: what they say, what they draw, and what they leave to the table."""

from __future__ import annotations

import pandas as pd
import pytest

from funnel.charts import conversion, velocity

GAP = "\N{NO-BREAK SPACE}"
STAGES = pd.DataFrame(
    {
        "position": [1, 2, 3],
        "stage": ["mql", "sql", "won"],
        "title": ["MQL", "SQL", "Won"],
        "n": [100, 40, 10],
        "n_imputed": [0, 5, 0],
        "n_persons": [100, 100, 100],
        "next_rate": [0.4, 0.25, None],
        "next_low": [0.31, 0.14, None],
        "next_high": [0.5, 0.4, None],
        "rate": [1.0, 0.4, 0.1],
        "low": [0.96, 0.31, 0.06],
        "high": [1.0, 0.5, 0.17],
        "n_rejected": [30, 0, 0],
        "n_recycled": [10, 0, 0],
        "n_lost": [0, 25, 0],
        "n_open": [20, 5, 0],
        "rule": ["Cohort conversion."] * 3,
    }
)


def meta(figure):
    return figure.layout.meta


def parts(figure):
    return {trace.name: list(trace.x) for trace in figure.data}


def said(text):
    return text.replace(" %", f"{GAP}%").replace(" pts", f"{GAP}pts")


def test_the_parts_of_each_stage_add_up_to_those_who_reached_it():
    drawn = parts(conversion.funnel(STAGES))
    assert drawn == {
        "went on": [40, 10, 0],
        "won": [0, 0, 10],
        "rejected": [30, 0, 0],
        "recycled": [10, 0, 0],
        "lost": [0, 25, 0],
        "open": [20, 5, 0],
    }
    assert [sum(values) for values in zip(*drawn.values(), strict=True)] == [100, 40, 10]


def test_the_funnel_says_its_finding_and_its_rule():
    text = meta(conversion.funnel(STAGES))
    assert (text["name"], text["rule"]) == ("conversion-funnel", "Cohort conversion.")
    assert text["finding"] == said("Of 100 that entered MQL, 10 reached Won: 10 %.")


def test_no_cohort_is_a_finding_too():
    text = meta(conversion.funnel(STAGES.iloc[:0]))
    assert (text["finding"], text["is_empty"]) == ("No cohort is old enough to be shown.", True)


COMPARED = pd.DataFrame(
    {
        "title": ["MQL", "SQL", "Won"],
        "n": [100, 40, 10],
        "n_before": [90, 45, 10],
        "next_rate": [0.4, 0.25, None],
        "next_rate_before": [0.5, 0.22, None],
        "next_change": [-0.1, 0.03, None],
        "next_change_low": [-0.19, -0.15, None],
        "next_change_high": [-0.01, 0.2, None],
        "rule": ["Cohort."] * 3,
    }
)


def test_only_a_change_whose_interval_leaves_zero_out_is_shown():
    assert meta(conversion.compared(COMPARED))["finding"] == said("Shown: MQL → SQL −10 pts.")
    none = COMPARED.assign(next_change_high=0.0)
    assert meta(conversion.compared(none))["finding"].startswith("No change of a step is shown")


def cohorts(**columns):
    plain = {
        "period_on": pd.date_range("2026-01-01", periods=4, freq="MS"),
        "n": [9, 40, 50, 60],
        "n_converted": [1, 8, 10, 3],
        "rate": [0.11, 0.2, 0.2, 0.05],
        "low": [0.02, 0.1, 0.11, 0.02],
        "high": [0.43, 0.35, 0.33, 0.14],
        "is_mature": [True, True, True, False],
        "observed_share": [1.0, 1.0, 1.0, 0.4],
        "note": [None] * 4,
        "rule": ["Cohort."] * 4,
    }
    return pd.DataFrame({**plain, **columns})


def test_small_cohorts_stay_in_the_table_and_young_ones_are_hatched():
    figure = conversion.cohorts(cohorts())
    dots = next(trace for trace in figure.data if trace.type == "scatter")
    assert list(dots.y) == [0.2, 0.2, None]
    assert next(note.text for note in figure.layout.annotations) == "not yet"
    assert meta(figure)["finding"] == said(
        "The latest mature cohort, Mar 2026, converted 20 % (11–33); the one before 20 %."
    )


def test_a_cohort_that_cannot_be_compared_is_marked_and_is_no_finding():
    note = "left truncated: Won is recorded only from 1 March 2026"
    figure = conversion.cohorts(cohorts(note=[None, note, None, None]))
    assert "left truncated" in [each.text for each in figure.layout.annotations]
    assert meta(figure)["finding"] == said("The latest mature cohort, Mar 2026, converted 20 % (11–33).")


def test_no_mature_cohort_is_a_finding_too():
    figure = conversion.cohorts(cohorts(is_mature=[False] * 4))
    assert meta(figure)["finding"] == "No cohort is old enough to be judged yet."


def by_dimension(**columns):
    plain = {
        "value": ["Webinar", None],
        "n": [100, 50],
        "n_converted": [30, 5],
        "rate": [0.3, 0.1],
        "low": [0.22, 0.04],
        "high": [0.4, 0.21],
        "limit_low": [0.1, 0.12],
        "limit_high": [0.35, 0.4],
        "is_outside": [False, True],
        "rule": ["Cohort."] * 2,
    }
    return pd.DataFrame({**plain, **columns})


def test_groups_outside_their_limits_are_named_and_null_has_a_name_of_its_own():
    figure = conversion.by_dimension(by_dimension(), dimension="company_size")
    assert meta(figure)["name"] == "conversion-by-company-size"
    assert meta(figure)["finding"] == said("Overall 23 % of 150; outside its limits: not stated.")
    assert list(figure.layout.yaxis.ticktext) == ["Webinar (100)", "not stated (50)"]


def test_a_dimension_that_no_lead_has_is_not_in_the_source():
    figure = conversion.by_dimension(by_dimension(value=[None, None]), dimension="persona")
    assert (meta(figure)["finding"], meta(figure)["is_empty"]) == (
        "Not in this source: no lead has a persona.",
        True,
    )


@pytest.mark.parametrize(("decided", "ending"), [(0.25, ", 25 % of those decided."), (None, ".")])
def test_the_two_rules_for_open_ones_stand_side_by_side(decided, ending):
    table = STAGES.rename(columns={"n": "n_reached"}).assign(
        n_start=100, n_won=10, win_rate_open_as_lost=0.1, win_rate_decided=decided
    )
    finding = meta(conversion.reached(table))["finding"]
    assert finding == said("Of 100 in all, 10 were won: 10 % if the open ones count as not won") + said(
        ending
    )


def test_the_slowest_step_is_named_with_its_median_and_middle_half():
    table = pd.DataFrame(
        {
            "from_title": ["MQL", "SQL"],
            "to_title": ["SQL", "Won"],
            "n": [40, 0],
            "median_days": [12.0, None],
            "mean_days": [15.0, None],
            "p25": [5.0, None],
            "p75": [20.0, None],
            "p90": [40.0, None],
            "n_impossible": [1, 0],
            "rule": ["r"] * 2,
        }
    )
    figure = velocity.steps(table)
    assert meta(figure)["finding"] == f"The slowest step is MQL → SQL: half take more than 12{GAP}d."
    assert [note.text for note in figure.layout.annotations] == [f"12{GAP}d (5–20)", "– (–––)"]
