"""Charts of curves, stays and forecasts: what they say, draw, and leave to the table."""

from __future__ import annotations

import pandas as pd
import pytest

from funnel.charts import curve, duration, forecast, show, static, step

GAP = "\N{NO-BREAK SPACE}"
ENDINGS = ("advanced", "rejected", "recycled", "lost", "open")


def said(text):
    return text.replace(" %", f"{GAP}%").replace(" d ", f"{GAP}d ")


def meta(figure):
    return figure.layout.meta


def endings(value=None, n=200):
    shares = {0: (0, 0, 0, 0, 1.0), 1: (0.1, 0.05, 0, 0, 0.85), 2: (0.2, 0.1, 0.05, 0, 0.65)}
    return pd.DataFrame(
        [
            {
                "value": value,
                "age_days": float(age),
                "ending": ending,
                "probability": share,
                "low": max(share - 0.04, 0),
                "high": min(share + 0.05, 1),
                "n": n,
                "n_at_risk": 150,
                "n_watched": 180,
                "rule": "Competing endings.",
            }
            for age, row in shares.items()
            for ending, share in zip(ENDINGS, row, strict=True)
        ]
    )


def areas(figure):
    return {trace.name: trace for trace in figure.data if trace.fill == "toself"}


def test_the_endings_are_stacked_as_steps_and_fill_the_whole() -> None:
    """Went on: 0, .1, .2 from days 0, 1, 2; rejected on top of it; open up to 1; lost, which nobody was, is not drawn."""
    drawn = areas(curve.endings(endings()))
    assert list(drawn) == ["went on", "rejected", "recycled", "open"]
    assert (list(drawn["went on"].x[:5]), list(drawn["went on"].y[:5])) == (
        [0, 1, 1, 2, 2],
        [0, 0, 0.1, 0.1, 0.2],
    )
    assert [round(y, 9) for y in drawn["open"].y[:5]] == [1, 1, 1, 1, 1]
    assert [round(y, 9) for y in drawn["rejected"].y] == [0, 0, 0.15, 0.15, 0.3, 0.2, 0.1, 0.1, 0, 0]


def test_each_ending_has_its_colour_the_open_one_its_hatching_and_all_their_interval() -> None:
    figure = curve.endings(endings())
    assert areas(figure)["rejected"].fillcolor == "#E69F00"
    assert areas(figure)["open"].fillpattern.shape == "/"
    assert [note.text for note in figure.layout.annotations] == [
        said("went on 20 %<br>(16–25)"),
        said("rejected 10 %<br>(6–15)"),
        said("recycled 5 %<br>(1–10)"),
        said("open 65 %<br>(61–70)"),
    ]
    assert meta(figure)["finding"] == said(
        "2 d after entry, of 200: went on 20 % (16–25), rejected 10 % (6–15), recycled 5 % (1–10), open 65 % (61–70)."
    )


def test_the_hover_of_an_age_says_interval_and_how_many_were_watched() -> None:
    edge = next(trace for trace in curve.endings(endings()).data if trace.hoverinfo == "text")
    assert edge.hovertext[1] == said(
        f"went on<br>by 1{GAP}d: 10 % (6–15)<br>n = 200, 180 watched so long, 150 still there"
    )


def test_nobody_is_a_finding_and_no_figure() -> None:
    for figure in (
        curve.endings(endings().iloc[:0]),
        curve.by_segment(endings().iloc[:0]),
        forecast.cohorts(cohorts().iloc[:0]),
        duration.in_stage(stays().iloc[:0]),
        curve.first_touch(touches().iloc[:0]),
    ):
        assert meta(figure)["is_empty"]
        assert meta(figure)["finding"].endswith(".")
        assert static.svg(figure, width=328).startswith("<svg")


def test_of_segments_the_largest_is_stacked_and_each_has_a_panel_on_one_scale() -> None:
    table = pd.concat([endings("Web", 300), endings(None, 200), endings("unknown", 9)])
    assert "of 300" in meta(curve.endings(table))["finding"]
    figure = curve.by_segment(table)
    assert [note.text for note in figure.layout.annotations] == [
        said("Web (300): 20 % (16–25)"),
        said("not stated (200): 20 % (16–25)"),
        said("unknown (9): 20 % (16–25)"),
    ]
    assert figure.layout.yaxis.range == figure.layout.yaxis3.range
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert len([trace for trace in figure.data if trace.fill == "toself"]) == 3


def test_at_most_six_panels_are_drawn() -> None:
    table = pd.concat([endings(str(n)) for n in range(8)])
    assert len(curve.by_segment(table, ending="rejected").layout.annotations) == 6


def test_text_of_a_source_is_no_markup() -> None:
    figure = curve.by_segment(endings("<b>x</b>"))
    assert figure.layout.annotations[0].text.startswith("&lt;b&gt;x&lt;/b&gt; (200)")
    assert "<b>" not in static.svg(figure, width=720)


def touches(rates=(0.0, 0.4, 0.6)):
    return pd.DataFrame(
        {
            "value": [None] * 3,
            "clock": ["business"] * 3,
            "age_hours": [0.0, 1.0, 2.0],
            "rate": rates,
            "low": [0.0, 0.3, 0.5],
            "high": [0.1, 0.5, 0.7],
            "n": [100] * 3,
            "n_untouched": [30] * 3,
            "n_at_risk": [100, 60, 40],
            "n_watched": [100] * 3,
            "rule": ["From assignment."] * 3,
        }
    )


@pytest.mark.parametrize(
    ("rates", "first"),
    [((0, 0.4, 0.5), "Half are answered within 2 business hours"), ((0, 0.4, 0.49), "Half are not answered")],
)
def test_the_answer_curve_says_when_half_are_answered_and_how_many_never_were(rates, first) -> None:
    finding = meta(curve.first_touch(touches(rates)))["finding"]
    assert finding.startswith(first)
    assert finding.endswith("Never touched to date: 30 of 100.")


def test_the_band_of_a_curve_is_between_its_limits_at_a_fifth_of_its_colour() -> None:
    band, line = curve.first_touch(touches()).data
    assert (list(band.x), list(band.y)) == (
        [0, 1, 1, 2, 2, 2, 2, 1, 1, 0],
        [0.1, 0.1, 0.5, 0.5, 0.7, 0.5, 0.3, 0.3, 0, 0],
    )
    assert band.fillcolor.endswith("0.2)")
    assert (list(line.x), list(line.y)) == ([0, 1, 1, 2, 2], [0, 0, 0.4, 0.4, 0.6])
    assert len(line.hovertext) == len(line.x)


def stays(**columns):
    plain = {
        "title": ["MQL", "SAL", "SQL"],
        "value": [None] * 3,
        "median_days": [20.0, None, 900.0],
        "median_low": [18.0, None, 700.0],
        "median_high": [23.0, None, None],
        "p25": [9.0, 5.0, 3.0],
        "p75": [None, None, None],
        "n": [100, 50, 70],
        "n_left": [60, 10, 36],
        "n_open": [40, 40, 34],
        "rule": ["Days."] * 3,
    }
    return pd.DataFrame({**plain, **columns})


def test_a_median_not_reached_is_said_and_one_without_an_upper_limit_has_no_mark() -> None:
    figure = duration.in_stage(stays())
    dots = next(trace for trace in figure.data if trace.type == "scatter")
    assert (list(dots.x), list(dots.y)) == ([20.0], [0])
    assert [note.text for note in figure.layout.annotations] == [
        f"20{GAP}d (18–23)",
        "not reached",
        f"900{GAP}d (700–)",
    ]
    assert meta(figure)["finding"] == f"The longest stay is in SQL: half have left it after 900{GAP}d (700–)."
    assert "three quarters after not reached" in dots.hovertext[0]


def test_no_median_reached_is_a_finding_too() -> None:
    table = stays(median_days=[None] * 3, median_low=[None] * 3, median_high=[None] * 3)
    assert meta(duration.in_stage(table))["finding"] == "In no stage have half of those who entered left it."


def cohorts(**columns):
    plain = {
        "period_on": pd.date_range("2026-01-01", periods=5, freq="MS"),
        "n": [9, 40, 50, 60, 30],
        "n_converted": [1, 8, 10, 3, 0],
        "rate": [0.11, 0.2, 0.2, 0.1, None],
        "low": [0.02, 0.1, 0.11, 0.02, 0.0],
        "high": [0.43, 0.35, 0.33, 0.3, 0.9],
        "expected": [1, 8, 10, 6, None],
        "expected_low": [1, 8, 10, 3, 0],
        "expected_high": [1, 8, 10, 11, 20],
        "observed_share": [1.0, 1.0, 1.0, 0.5, 0.02],
        "is_mature": [True, True, True, False, False],
        "note": [None, "left truncated: SQL is recorded late", None, None, "too young: less than 10 %"],
        "rule": ["Forecast by chain ladder: MQL entries of the month."] * 5,
    }
    return pd.DataFrame({**plain, **columns})


def test_forecasts_are_hatched_and_keep_their_number_and_a_cohort_too_young_has_none() -> None:
    figure = forecast.cohorts(cohorts())
    dots = next(trace for trace in figure.data if trace.type == "scatter")
    hatched = [trace for trace in figure.data if trace.type == "bar"]
    assert list(dots.y) == [0.2, 0.2, 0.1, None]
    assert [(list(bar.x), list(bar.width)) for bar in hatched] == [([0.0], [1]), ([2.5], [2])]
    assert [note.text for note in figure.layout.annotations][:2] == ["left truncated", "forecast"]
    assert meta(figure)["finding"] == said("Forecast, 90 % interval: Apr 2026 10 % (2–30), 6 (3–11) of 60.")
    assert dots.hovertext[2] == said(
        "Apr 2026<br>forecast 10 % (2–30)<br>3 of 60 so far, 50 % of its conversions to be expected by now<br>in the end 6 (3–11)"
    )


def test_without_any_forecast_the_young_ones_are_not_yet() -> None:
    figure = forecast.cohorts(cohorts(rate=[0.11, 0.2, 0.2, None, None]))
    assert "not yet" in [note.text for note in figure.layout.annotations]
    assert meta(figure)["finding"].startswith("No young cohort can be forecast")


def test_weeks_are_named_by_their_first_day() -> None:
    weeks = cohorts(rule=["Forecast by chain ladder: MQL entries of the week that reach SQL."] * 5)
    assert "from 1 Apr" in meta(forecast.cohorts(weeks))["finding"]


def test_every_figure_has_a_static_picture_and_its_table() -> None:
    for figure, table in (
        (curve.endings(endings()), endings()),
        (curve.first_touch(touches()), touches()),
        (duration.in_stage(stays()), stays()),
        (forecast.cohorts(cohorts()), cohorts()),
    ):
        record = show(figure, table).record()
        assert record["wide"].startswith("<svg")
        assert record["narrow"].startswith("<svg")
        assert record["table"]


def test_the_static_picture_hatches_what_is_open() -> None:
    assert 'fill="url(#curve-endings-720-open)"' in static.svg(curve.endings(endings()), width=720)


@pytest.mark.parametrize(
    ("last", "unit", "ticks"),
    [
        (90, "d", ["0", "30", "60", f"90{GAP}d"]),
        (7, "d", ["0", "2", "4", f"6{GAP}d"]),
        (48, "h", ["0", "8", "16", "24", "32", "40", f"48{GAP}h"]),
        (4000, "d", ["0", "730", "1460", "2190", "2920", f"3650{GAP}d"]),
        (0, "d", [f"0{GAP}d"]),
    ],
)
def test_an_axis_of_age_has_a_few_round_ticks(last, unit, ticks) -> None:
    assert step.age_axis(last, unit)["ticktext"] == ticks


def test_labels_are_moved_apart_as_little_as_need_be() -> None:
    assert step.apart([0.1, 0.5, 0.9], 0.2) == pytest.approx([0.1, 0.5, 0.9])
    assert step.apart([0.5, 0.52, 0.9], 0.2) == pytest.approx([0.5, 0.7, 0.9])
    assert step.apart([0.9, 0.95, 1.0], 0.2) == pytest.approx([0.5, 0.7, 0.9])
