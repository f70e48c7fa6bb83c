"""Charts of hand-off clocks: what they say of tiers, medians that are not reached, and attempts."""

from __future__ import annotations

import pandas as pd

from funnel.charts import handoff_clock

GAP, DASH = "\N{NO-BREAK SPACE}", "\N{EN DASH}"
CLOCKS = pd.DataFrame(
    {
        "sla": ["first_touch", "first_touch", "cadence"],
        "tier": ["all", "hot", "all"],
        "n": [200, 40, 0],
        "n_unknown": [3, 0, 0],
        "rate": [0.5, 0.75, None],
        "low": [0.43, 0.6, None],
        "high": [0.57, 0.86, None],
        "agreed": [0.9, 0.9, None],
        "state": ["ok", "ok", "not in this source"],
        "rule": ["Each by its own deadline."] * 3,
    }
)
WAITS = pd.DataFrame(
    {
        "clock": ["wait", "response"],
        "title": ["Engagement to first touch", "Assignment to first touch"],
        "n": [50, 50],
        "n_waiting": [30, 10],
        "rate": [0.4, 0.8],
        "low": [0.28, 0.67],
        "high": [0.54, 0.89],
        "median_elapsed_hours": [None, 20.0],
        "median_business_hours": [None, 3.5],
        "state": ["ok", "ok"],
        "rule": ["Those still waiting count as longer."] * 2,
    }
)
PERSISTENCE = pd.DataFrame(
    {
        "attempts": [0, 1, 3, None],
        "is_total": [False, False, False, True],
        "agreed": [3, 3, 3, 3],
        "n": [10, 20, 10, 40],
        "n_gave_up": [0, 12, 0, 12],
        "rate": [0.25, 0.5, 0.25, 1.0],
        "low": [0.14, 0.35, 0.14, 0.91],
        "high": [0.4, 0.65, 0.4, 1.0],
        "state": ["ok"] * 4,
        "rule": ["Touches within the cadence."] * 4,
    }
)


def meta(figure):
    return figure.layout.meta


def test_each_tier_is_a_line_with_its_interval_and_what_is_unknown():
    figure = handoff_clock.clocks(CLOCKS)
    assert meta(figure)["finding"].replace(GAP, " ").replace(DASH, "-") == (
        "First touch: 50 % (43-57) of 200; 3 unknown; agreed 90 %. First touch, hot: 75 % (60-86) of 40; agreed 90 %. "
        "Cadence: not in this source."
    )
    assert list(figure.layout.yaxis.ticktext) == ["First touch (200)", "First touch, hot (40)", "Cadence (0)"]
    assert meta(figure)["rule"] == "Each by its own deadline."


def test_a_median_that_is_not_reached_says_so_and_draws_no_bar():
    figure = handoff_clock.waits(WAITS)
    assert meta(figure)["finding"].replace(GAP, " ").replace(DASH, "-") == (
        "Engagement to first touch: median not reached business, not reached elapsed; 30 of 50 without one to date. "
        "Assignment to first touch: median 3.5 h business, 20.0 h elapsed; 10 of 50 without one to date."
    )
    (bars,) = figure.data
    assert list(bars.x) == [0.0, 0.0, 20.0, 3.5]
    assert [text.replace(GAP, " ").replace(DASH, "-") for text in bars.text] == [
        "not reached",
        "not reached",
        "20.0 h",
        "3.5 h",
    ]
    assert "ended: 80 % (67-89) of 50" in bars.hovertext[2].replace(GAP, " ").replace(DASH, "-")


def test_attempts_are_shares_of_all_and_the_agreed_number_stands_for_more():
    figure = handoff_clock.persistence(PERSISTENCE)
    assert list(figure.layout.yaxis.ticktext) == [
        "0 attempts (10)",
        "1 attempt (20)",
        "3 or more attempts (10)",
    ]
    assert meta(figure)["finding"] == (
        "12 of 40 hand-offs were touched and given up before the agreed attempts or an outcome."
    )


def test_nothing_to_judge_is_said_and_not_drawn():
    figures = [
        handoff_clock.clocks(CLOCKS.iloc[:0]),
        handoff_clock.waits(WAITS.iloc[:0]),
        handoff_clock.persistence(PERSISTENCE.iloc[:0]),
    ]
    assert [meta(figure)["finding"] for figure in figures] == [
        "The contract sets no time for an answer.",
        "No hand-off is old enough to be judged.",
        "No hand-off's cadence has run out.",
    ]
