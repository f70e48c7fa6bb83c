"""Charts of the outlook, the shared index, sales velocity and win rates: the accent is kept for what is shown."""

from __future__ import annotations

import pandas as pd
import pytest

from funnel.charts import kpi, static, theme

GAP = "\N{NO-BREAK SPACE}"
AHEAD = pd.DataFrame(
    {
        "kpi": ["leads", "won_amount", "cac"],
        "title": ["<b>Leads", "Won amount", "CAC"],
        "unit": ["count", "money", "money"],
        "period": ["month", "month", "quarter"],
        "period_on": pd.to_datetime(["2026-11-01", "2026-11-01", None]),
        "so_far": [40.0, 100.0, None],
        "before_so_far": [50.0, 90.0, None],
        "forecast": [80.0, 300.0, None],
        "low": [60.0, 200.0, None],
        "high": [300.0, 399.0, None],
        "target": [100.0, 400.0, 10.0],
        "attainment": [0.8, 0.75, None],
        "direction": ["up", "up", "down"],
        "rule": ["r"] * 3,
    }
)


def test_the_outlook_accents_what_will_end_short_with_its_whole_interval_and_cuts_at_twice_the_target():
    figure = kpi.outlook(AHEAD, currency="EUR")
    meta = figure.layout.meta
    assert (meta["title"], meta["finding"]) == (
        "What Nov 2026 will come to",
        "Shown to end short of what was agreed: Won amount.",
    )
    dots = figure.data[0]
    assert list(dots.x) == [0.8, 0.75]
    assert list(dots.marker.color) == [theme.DATA, theme.ACCENT]
    assert list(dots.error_x.array) == pytest.approx([1.2, 399 / 400 - 0.75])
    assert "<b>" not in dots.hovertext[0]
    assert "so far €100; the one before by then €90.0" in dots.hovertext[1]
    assert "<svg" in static.svg(figure, width=360)


def test_an_interval_that_touches_the_target_is_not_short():
    figure = kpi.outlook(AHEAD.assign(high=[300.0, 400.0, None]), currency="EUR")
    assert figure.layout.meta["finding"] == "None is shown to end short of what was agreed."


def test_costs_are_short_when_they_end_above_and_mixed_periods_are_named():
    table = AHEAD.assign(
        period=["month", "quarter", "quarter"],
        direction="down",
        low=[101.0, 200.0, None],
        high=[120.0, 300.0, None],
    )
    figure = kpi.outlook(
        table.assign(period_on=pd.to_datetime(["2026-11-01", "2026-10-01", None])), currency="EUR"
    )
    assert figure.layout.meta["finding"] == "Shown to end short of what was agreed: <b>Leads."
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;Leads, Nov 2026"
    assert figure.layout.yaxis.ticktext[1] == "Won amount, Q4 2026"


def test_without_a_forecast_of_a_target_the_outlook_says_so():
    figure = kpi.outlook(AHEAD.assign(attainment=None), currency="EUR")
    assert figure.layout.meta["finding"] == "No KPI with a target can be forecast yet."


INDEX = pd.DataFrame(
    {
        "title": ["Leads", "First touch", "Watched", "Shared attainment index"],
        "weight": [1.0, 3.0, 0.0, 4.0],
        "share": [0.25, 0.75, None, 1.0],
        "target": [100.0, 0.9, 5.0, None],
        "value": [110.0, 0.6, 5.0, None],
        "n": [110.0, 50.0, 5.0, 2.0],
        "unit": ["count", "rate", "count", None],
        "attainment": [1.1, 2 / 3, 1.0, None],
        "capped": [1.1, 2 / 3, None, None],
        "contribution": [0.275, 0.5, None, 0.775],
        "contribution_low": [0.2, 0.4, None, 0.6],
        "contribution_high": [0.3, 0.7, None, 1.0],
        "is_total": [False, False, False, True],
        "state": ["ok"] * 4,
        "missing": [None] * 4,
        "rule": ["r"] * 4,
    }
)


def test_the_index_shows_what_each_target_gives_of_what_it_could():
    figure = kpi.attainment_index(INDEX, currency="EUR")
    assert figure.layout.meta["finding"] == (
        f"78{GAP}% (60–100) of what both teams agreed on, over 2 targets; least reached: First touch, 67{GAP}%."
    )
    assert list(figure.data[0].text) == ["27.5 of 25.0", "50.0 of 75.0"]
    assert list(figure.data[0].marker.color) == [theme.DATA, theme.ACCENT]


def test_an_index_of_nothing_says_why():
    table = INDEX.tail(1).assign(state="undefined", missing="no target of any weight can be judged")
    figure = kpi.attainment_index(table, currency="EUR")
    assert figure.layout.meta["finding"] == "No index: no target of any weight can be judged."
    assert figure.layout.meta["is_empty"]


PACE = pd.DataFrame(
    {
        "period_on": pd.to_datetime(["2026-07-01", "2026-10-01"]),
        "is_complete": [True, False],
        "n_open": [188, 199],
        "n": [289, 129],
        "win_rate": [0.25, 0.24],
        "win_low": [0.2, 0.2],
        "win_high": [0.3, 0.3],
        "mean_amount": [30000.0, 28000.0],
        "mean_low": [25000.0, 23000.0],
        "mean_high": [35000.0, 33000.0],
        "days": [75.0, 74.0],
        "days_low": [66.0, 61.0],
        "days_high": [84.0, 87.0],
        "velocity_week": [131600.0, 127000.0],
        "low": [107000.0, 86000.0],
        "high": [183000.0, 188000.0],
        "state": ["ok", "ok"],
        "rule": ["r", "r"],
    }
)


def test_sales_velocity_shows_its_four_inputs_and_the_running_period_as_not_yet():
    figure = kpi.sales_velocity(PACE, currency="EUR")
    assert figure.layout.meta["finding"] == (
        f"€132{GAP}k a week in Q3 2026: 188 open x 25{GAP}% won x €30.0{GAP}k / 75{GAP}d x 7."
    )
    dots = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "markers"]
    assert [list(trace.y) for trace in dots] == [
        [188, None],
        [0.25, None],
        [30000, None],
        [75, None],
        [131600, None],
    ]
    assert "<svg" in static.svg(figure, width=360)


def test_without_a_whole_period_there_is_no_velocity():
    figure = kpi.sales_velocity(PACE.tail(1), currency="EUR")
    assert figure.layout.meta["finding"] == "There is no period of which all four inputs are known."


def test_win_rates_accent_what_lies_outside_the_limits_and_say_what_is_not_in_the_source():
    table = pd.DataFrame(
        {
            "team_region": ["EMEA", None],
            "n": [100, 50],
            "rate": [0.5, 0.2],
            "low": [0.4, 0.1],
            "high": [0.6, 0.3],
            "limit_low": [0.2, 0.15],
            "limit_high": [0.45, 0.5],
            "is_outside": [True, False],
            "state": ["ok", "ok"],
            "rule": ["r", "r"],
        }
    )
    figure = kpi.win_rates(table)
    assert figure.layout.meta["finding"] == "Outside the limits: EMEA."
    assert list(figure.layout.yaxis.ticktext) == ["EMEA (100)", "not stated (50)"]
    bare = kpi.win_rates(table.assign(rate=None, state="not in this source"))
    assert bare.layout.meta["finding"] == "Win rates: not in this source."
