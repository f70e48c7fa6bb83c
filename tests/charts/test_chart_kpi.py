"""Charts of the shared KPIs, hand-offs and quality: the accent is kept for what is shown."""

from __future__ import annotations

import pandas as pd
import pytest

from funnel.charts import handoff, kpi, mark, quality, theme

GAP = "\N{NO-BREAK SPACE}"


def row(**given):
    plain = {"value": 0.6, "low": 0.5, "high": 0.7, "n": 100, "target": 0.9, "direction": "up"}
    return {**plain, **given}


@pytest.mark.parametrize(
    ("given", "is_short"),
    [
        ({}, True),
        ({"high": 0.9}, False),
        ({"high": 0.899}, True),
        ({"target": None}, False),
        ({"value": None}, False),
        ({"high": None}, True),
        ({"direction": "down", "target": 0.5}, False),
        ({"direction": "down", "target": 0.49}, True),
    ],
)
def test_a_kpi_is_short_only_when_its_whole_interval_is_on_the_wrong_side(given, is_short):
    assert kpi.is_short(row(**given)) is is_short


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.254, "rate", f"25{GAP}%"),
        (1234, "count", "1,234"),
        (1234, "money", f"€1.23{GAP}k"),
        (68, "days", f"68{GAP}d"),
        (3.21, "ratio", "3.2×"),
        (None, "ratio", "–"),
    ],
)
def test_a_value_is_said_in_the_format_of_its_unit(value, unit, said):
    assert kpi.said(value, unit, None, "EUR") == said


SCORE = pd.DataFrame(
    {
        "kpi": ["hand_offs", "first_touch_attainment", "cac"],
        "title": ["Hand-offs", "First touch", "CAC"],
        "value": [50.0, 0.6, None],
        "low": [37.0, 0.5, None],
        "high": [66.0, 0.7, None],
        "n": [50, 100, None],
        "unit": ["count", "rate", "money"],
        "target": [60.0, 0.9, None],
        "attainment": [0.83, 0.67, None],
        "owners": ["marketing", "sales", "marketing, sales"],
        "direction": ["up", "up", "down"],
        "state": ["ok", "ok", "not in this source"],
        "rule": ["r"] * 3,
    }
)


def test_the_scorecard_draws_what_has_a_target_and_accents_what_is_shown_short():
    figure = kpi.scorecard(SCORE, currency="EUR")
    assert figure.layout.meta["finding"] == "Shown short of what was agreed: First touch."
    assert list(figure.layout.yaxis.ticktext) == ["Hand-offs", "First touch"]
    assert list(figure.data[0].marker.color) == [theme.DATA, theme.ACCENT]
    assert list(figure.data[0].text) == ["50 of 60", f"60{GAP}% of 90{GAP}%"]


def test_without_a_target_there_is_nothing_to_draw():
    figure = kpi.scorecard(SCORE.assign(attainment=None), currency="EUR")
    assert figure.layout.meta["is_empty"]
    assert figure.layout.meta["finding"] == "The contract sets no target that can be judged yet."


def weeks(**columns):
    plain = {
        "kpi": ["leads"] * 3,
        "title": ["Leads"] * 3,
        "unit": ["count"] * 3,
        "week_on": pd.date_range("2026-10-26", periods=3, freq="7D"),
        "value": [90.0, 150.0, 20.0],
        "n": [90, 150, 20],
        "is_mature": [True, True, False],
        "target": [None] * 3,
        "band_low": [80.0, 80.0, 80.0],
        "band_high": [120.0, 120.0, 120.0],
        "is_outside": [False, True, False],
        "rule": ["r"] * 3,
    }
    return pd.DataFrame({**plain, **columns})


def test_a_week_outside_the_band_is_counted_and_an_immature_one_has_no_value():
    figure = kpi.weekly(weeks(), currency="EUR")
    assert figure.layout.meta["finding"] == "Weeks outside the band: Leads in 1."
    line = next(trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines+markers")
    assert list(line.y) == [90, 150, None]


def test_a_kpi_without_a_mature_week_is_named_and_not_drawn():
    figure = kpi.weekly(weeks(is_mature=[False] * 3, is_outside=[False] * 3), currency="EUR")
    assert figure.layout.meta["finding"] == "No week lies outside its band. Not yet: Leads."
    assert figure.layout.meta["is_empty"]


@pytest.mark.parametrize(
    ("is_outside", "ending"), [(True, "It lies outside."), (False, "No difference shown.")]
)
def test_the_latest_mature_week_is_held_against_its_band(is_outside, ending):
    rows = theme.records(weeks(is_outside=[False, is_outside, False]))
    assert kpi.change(rows, "EUR") == f"150 in the week of 2 Nov; ordinary: 80 to 120. {ending}"


def test_cost_without_spend_is_not_in_the_source():
    table = pd.DataFrame(
        {
            "channel": ["Webinar", None],
            "is_total": [False, True],
            "cost_per_lead": [None, None],
            "cost_per_won": [None, None],
            "state": ["not in this source"] * 2,
            "rule": ["r"] * 2,
        }
    )
    figure = kpi.cost(table, currency="EUR")
    assert (figure.layout.meta["finding"], figure.layout.meta["is_empty"]) == (
        "Spend: not in this source.",
        True,
    )


SLA = pd.DataFrame(
    {
        "sla": ["first_touch"],
        "words": ["First touch within 4 business hours."],
        "n_hand_offs": [100],
        "n": [90],
        "n_met": [60],
        "n_missed": [30],
        "n_open": [10],
        "n_unknown": [0],
        "rate": [0.667],
        "low": [0.56],
        "high": [0.76],
        "agreed": [0.9],
        "state": ["ok"],
        "rule": ["Judged by deadline."],
    }
)


def test_an_obligation_says_what_was_kept_and_what_was_agreed():
    figure = handoff.sla(SLA)
    assert figure.layout.meta["finding"] == f"First touch: 67{GAP}% (56–76) of 90; agreed 90{GAP}%."
    assert {trace.name: list(trace.x) for trace in figure.data} == {"met": [60], "missed": [30], "open": [10]}


def test_an_obligation_that_the_source_cannot_answer_says_so():
    gone = SLA.assign(n_met=0, n_missed=0, n_open=0, rate=None, state="not in this source")
    figure = handoff.sla(gone)
    assert figure.layout.meta["finding"] == "First touch: not in this source."
    assert figure.layout.meta["is_empty"]


def test_a_reason_given_for_two_exits_is_one_row_of_two_pieces():
    table = pd.DataFrame(
        {
            "exit": ["rejected", "recycled", "rejected"],
            "reason": ["No budget", "No budget", None],
            "n": [3, 5, 2],
            "n_refused": [10, 10, 10],
            "share": [0.3, 0.5, 0.2],
            "rule": ["r"] * 3,
        }
    )
    figure = quality.rejection_reasons(table)
    assert list(figure.layout.yaxis.ticktext) == ["No budget", "no reason given"]
    assert {trace.name: list(trace.x) for trace in figure.data} == {"rejected": [3, 2], "recycled": [5, 0]}
    assert [note.text for note in figure.layout.annotations] == [f"8, 80{GAP}%", f"2, 20{GAP}%"]


def test_a_sparkline_starts_at_zero_and_ends_in_the_last_known_value():
    picture = mark.sparkline([10, None, 20, None], target=20, says="says")
    assert 'aria-label="says"' in picture
    assert picture.count("M") == 2
    assert '<circle cx="68.0" cy="4.0"' in picture


@pytest.mark.parametrize(("is_short", "colour"), [(True, theme.ACCENT), (False, theme.DATA)])
def test_a_bullet_keeps_the_accent_for_what_is_shown_short(is_short, colour):
    assert f'fill="{colour}"' in mark.bullet(0.8, is_short=is_short, says="says")


def test_a_bullet_is_cut_at_its_end():
    assert 'width="128.0" height="6.0"' in mark.bullet(9.0, is_short=False, says="says")
