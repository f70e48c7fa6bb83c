"""Pictures over time: panels, ticks, and what cannot be judged yet."""

from __future__ import annotations

import pandas as pd
import pytest

from funnel.charts import course, form, static, theme

TEXT = theme.Text("name", "Title", "Rule", "Finding")


def spaced(text: str) -> list[str]:
    return text.replace(" %", "\N{NO-BREAK SPACE}%").split(" ")


def panel(**given) -> course.Panel:
    plain = {
        "title": "Rate",
        "values": [0.2, 0.3, 0.4],
        "lows": [0.1, 0.2, 0.3],
        "highs": [0.3, 0.4, 0.5],
        "marks": ["", "", ""],
        "ticks": [(0.0, "0 %"), (0.5, "50 %")],
        "hovers": ["a", "b", "c"],
    }
    return course.Panel(**{**plain, **given})


def test_a_step_that_is_too_young_has_no_value_and_is_hatched():
    figure = course.panels(TEXT, ["Jan", "", "Mar"], [panel(marks=["", "", "not yet"])])
    line = next(trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines+markers")
    hatched = next(trace for trace in figure.data if trace.type == "bar")
    assert list(line.y) == [0.2, 0.3, None]
    assert (list(hatched.x), list(hatched.width), hatched.marker.pattern.shape) == ([2.0], [1], "/")
    assert "not yet" in [note.text for note in figure.layout.annotations]


def test_a_step_marked_otherwise_keeps_its_value_and_says_why():
    figure = course.panels(TEXT, ["Jan", "", "Mar"], [panel(marks=["cut", "", "not yet"])])
    line = next(trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines+markers")
    assert list(line.y) == [0.2, 0.3, None]
    assert [note.text for note in figure.layout.annotations][:2] == ["cut", "not yet"]


def test_the_band_leaves_out_the_steps_that_have_none():
    figure = course.panels(TEXT, ["a", "b", "c"], [panel(lows=[0.1, 0.2, None], highs=[0.3, 0.4, None])])
    band = next(trace for trace in figure.data if trace.fill == "toself")
    assert (list(band.x), list(band.y)) == ([0, 1, 1, 0], [0.3, 0.4, 0.2, 0.1])


def test_dots_carry_their_intervals_instead_of_a_band():
    figure = course.panels(TEXT, ["a", "b", "c"], [panel(as_dots=True)])
    assert [trace.mode for trace in figure.data] == ["markers"]
    assert [round(x, 6) for x in figure.data[0].error_y.array] == [0.1, 0.1, 0.1]


def test_panels_stand_one_under_the_other_each_with_its_own_axes():
    figure = course.panels(TEXT, ["a", "b", "c"], [panel(), panel(title="Second")])
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert {trace.yaxis for trace in figure.data} == {"y", "y2"}
    assert static.svg(figure, width=328).count("<path") == 2


def test_a_target_is_a_dotted_line_across_all_steps():
    figure = course.panels(TEXT, ["a", "b", "c"], [panel(target=0.9)])
    line = figure.layout.shapes[0]
    assert (line.x0, line.x1, line.y0, line.y1, line.line.dash) == (-0.6, 2.6, 0.9, 0.9, "dot")
    assert figure.layout.yaxis.range[1] > 0.9


def test_columns_share_one_scale_from_zero():
    parts = [form.Part("met", [1, 2], ["a", "b"]), form.Part("missed", [3, 1], ["a", "b"])]
    figure = course.columns(TEXT, ["Jan", ""], parts)
    assert figure.layout.barmode == "stack"
    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] == pytest.approx(4.2)


@pytest.mark.parametrize(
    ("top", "ticks"), [(0, [0]), (1, [0, 1]), (7, [0, 3, 6]), (850, [0, 400, 800]), (1234, [0, 500, 1000])]
)
def test_counts_get_zero_a_round_number_and_its_half(top, ticks):
    assert course.round_ticks(top) == ticks


def test_rates_get_at_most_four_round_percents():
    assert [text for _, text in course.rate_ticks(0.17)] == spaced("0 % 5 % 10 % 15 %")
    assert [text for _, text in course.rate_ticks(1.0)] == spaced("0 % 50 % 100 %")


def test_weeks_are_labelled_where_a_month_begins_and_a_year_where_it_is_new():
    weeks = pd.date_range("2025-12-01", periods=11, freq="7D")
    labels = [label for label in course.month_labels(list(weeks)) if label]
    assert labels == ["Dec<br>2025", "Jan<br>2026", "Feb"]


def test_a_month_that_the_course_only_touches_gives_way_to_the_next():
    weeks = pd.date_range("2025-12-29", periods=10, freq="7D")
    assert course.month_labels(list(weeks))[:2] == ["", "Jan<br>2026"]


def test_a_cap_cuts_what_is_above_it():
    figure = course.panels(TEXT, ["a", "b", "c"], [panel(as_dots=True, highs=[0.9, 0.4, 0.5], cap=0.5)])
    assert figure.layout.yaxis.range[1] == pytest.approx(0.54)
    assert figure.data[0].error_y.array[0] == pytest.approx(0.34)


def test_long_courses_are_labelled_at_most_eight_times():
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    assert sum(bool(label) for label in course.month_labels(list(months))) == 8


def test_runs_are_half_open_ranges_of_true():
    assert course.runs([True, True, False, True]) == [(0, 2), (3, 4)]
    assert course.runs([]) == []
