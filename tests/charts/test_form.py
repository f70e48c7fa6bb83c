"""The forms of picture: what stands on them, in which colour, and that text stays text."""

from __future__ import annotations

import json
import re

import pytest

from funnel.charts import form, static, theme
from funnel.errors import UsageError

TEXT = theme.Text("name", "Title", "Rule", "Finding")


def test_bars_keep_the_order_of_the_rows_and_write_the_numbers_beside_them():
    figure = form.bars(TEXT, ["a", "b"], [3, None], ["3", "–"], ["h a", "h b"])
    bar = figure.data[0]
    assert (list(bar.x), list(bar.y), list(bar.text)) == ([3.0, 0.0], [0, 1], ["3", "–"])
    assert (list(figure.layout.xaxis.range), list(figure.layout.yaxis.range)) == ([0, 3.0], [1.5, -0.5])
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]


def test_a_figure_knows_its_id_rule_and_finding():
    meta = form.bars(TEXT, ["a"], [1], ["1"], [""]).layout.meta
    assert meta == {
        "name": "name",
        "title": "Title",
        "rule": "Rule",
        "finding": "Finding",
        "key": (),
        "is_empty": False,
    }


def test_pieces_have_the_colour_of_their_outcome_and_open_ones_are_hatched():
    parts = [form.Part("lost", [2], ["h"]), form.Part("open", [1], ["h"])]
    figure = form.stacks(TEXT, ["a"], parts, says=["3 in all"])
    assert [trace.marker.color for trace in figure.data] == ["#CC79A7", "#c9ced2"]
    assert [trace.marker.pattern.shape for trace in figure.data] == [None, "/"]
    assert figure.layout.meta["key"] == ("lost", "open")
    assert figure.layout.annotations[0].text == "3 in all"


def test_a_span_without_a_value_has_no_dot_and_an_en_dash():
    rows = [
        form.Span(0.3, 0.2, 0.4, "30 %", "h"),
        form.Span(None, None, None, "–", "h"),
    ]
    figure = form.spans(TEXT, ["a", "b"], rows, top=1.0, overall=0.25)
    dots = figure.data[0]
    assert (list(dots.x), list(dots.y)) == ([0.3], [0])
    assert [round(x, 6) for x in (*dots.error_x.array, *dots.error_x.arrayminus)] == [0.1, 0.1]
    assert [note.text for note in figure.layout.annotations] == ["30 %", "–"]
    assert figure.layout.shapes[-1].x0 == 0.25


def test_a_figure_with_nothing_to_draw_says_so():
    empty = [
        form.bars(TEXT, ["a"], [None], ["–"], [""]),
        form.stacks(TEXT, ["a"], [form.Part("lost", [0], ["h"])]),
        form.spans(TEXT, ["a"], [form.Span(None, None, None, "–", "h")], top=1.0),
    ]
    assert [figure.layout.meta["is_empty"] for figure in empty] == [True] * 3


def test_the_key_names_only_the_outcomes_that_occur():
    parts = [form.Part("lost", [2], ["h"]), form.Part("recycled", [0], ["h"]), form.Part("open", [1], ["h"])]
    assert form.stacks(TEXT, ["a"], parts).layout.meta["key"] == ("lost", "open")


def test_only_what_lies_outside_its_limits_has_the_accent():
    inside = form.Span(0.3, 0.2, 0.4, "", "", limits=(0.1, 0.5))
    outside = form.Span(0.7, 0.6, 0.8, "", "", limits=(0.1, 0.5), is_outside=True)
    figure = form.spans(TEXT, ["a", "b"], [inside, outside], top=1.0)
    assert list(figure.data[0].marker.color) == [theme.DATA, theme.ACCENT]
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(0.1, 0.5), (0.1, 0.5)]


@pytest.mark.parametrize(
    ("n", "value", "said"), [(9, None, "(20–40)"), (10, 0.3, "30\N{NO-BREAK SPACE}% (20–40)")]
)
def test_below_ten_cases_only_the_range_is_shown(n, value, said):
    span = form.rate_span("a", {"rate": 0.3, "low": 0.2, "high": 0.4, "n": n})
    assert (span.value, span.text) == (value, said)


def test_a_missing_group_is_named_apart_from_unknown():
    assert [form.counted(value, 1200) for value in (None, "unknown")] == [
        "not stated (1,200)",
        "unknown (1,200)",
    ]


def test_no_rows_give_an_empty_figure_not_an_error():
    for figure in (
        form.bars(TEXT, [], [], [], []),
        form.stacks(TEXT, [], [form.Part("lost", [], [])]),
        form.spans(TEXT, [], [], top=1.0),
    ):
        assert static.svg(figure, width=328).startswith("<svg ")


NASTY = "<b>x</b> & <script>alert(1)</script>"


def test_names_from_the_data_are_not_markup_in_plotly():
    figure = form.bars(TEXT, [NASTY], [1], ["1"], [theme.safe(NASTY)])
    assert "<b>" not in figure.to_json()
    assert "<script" not in figure.to_json()
    label = "&lt;b&gt;x&lt;/b&gt; &amp;<br>&lt;script&gt;alert(1)&lt;/script&gt;"
    assert figure.layout.yaxis.ticktext[0] == label


@pytest.mark.parametrize("width", [720, 328])
def test_names_from_the_data_are_not_markup_in_the_static_picture(width):
    picture = static.svg(form.bars(TEXT, [NASTY], [1], ["1"], [""]), width=width)
    assert "<b>" not in picture
    assert "<script" not in picture
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</text>" in picture


def test_on_a_narrow_screen_labels_stand_above_marks_that_have_the_whole_width():
    figure = form.bars(TEXT, ["a", "b"], [4, 1], ["four", "one"], ["", ""])
    picture = static.svg(figure, width=328)
    assert 'width="316.0" height="14.0"' in picture
    assert 'width="79.0" height="14.0"' in picture
    words = re.findall(r'text-anchor="(\w+)"[^>]*>(\w+)<', picture)
    assert words == [("end", "four"), ("end", "one"), ("start", "a"), ("start", "b")]


def test_on_a_narrow_screen_a_label_gives_way_to_its_number():
    span = form.Span(0.5, 0.4, 0.6, "50 % (40–60)", "h")
    picture = static.svg(form.spans(TEXT, ["x" * 25 + " " + "y" * 25], [span], top=1.0), width=328)
    assert f">{'x' * 25} {'y' * 7}…<" in picture


def test_numbers_travel_as_plain_json_not_as_encoded_arrays():
    figure = form.bars(TEXT, ["a"], [1], ["1"], [""])
    assert json.loads(figure.to_json())["data"][0]["x"] == [1.0]


def test_the_static_picture_says_the_finding_and_draws_every_row():
    rows = [form.Span(0.3, 0.2, 0.4, "30 %", "h"), form.Span(0.5, 0.4, 0.6, "50 %", "h")]
    picture = static.svg(form.spans(TEXT, ["a", "b"], rows, top=1.0), width=720)
    assert 'role="img" aria-label="Finding"' in picture
    assert picture.count("<circle") == 2
    assert [f">{text}</text>" in picture for text in ("a", "b", "30 %", "50 %")] == [True] * 4


def test_bars_of_the_static_picture_have_the_lengths_of_the_values():
    figure = form.bars(TEXT, ["a", "b"], [4, 1], ["", ""], ["", ""])
    margin = figure.layout.margin
    across = 720 - margin.l - margin.r
    picture = static.svg(figure, width=720)
    assert f'width="{across:.1f}"' in picture
    assert f'width="{across / 4:.1f}"' in picture


def test_stacked_pieces_of_the_static_picture_follow_each_other():
    parts = [form.Part("lost", [1], ["h"]), form.Part("open", [3], ["h"])]
    figure = form.stacks(TEXT, ["a"], parts)
    margin = figure.layout.margin
    quarter = (720 - margin.l - margin.r) / 4
    picture = static.svg(figure, width=720)
    assert f'x="{margin.l:.1f}"' in picture
    assert f'x="{margin.l + quarter:.1f}"' in picture
    assert 'fill="url(#name-720-1)"' in picture


def test_a_kind_of_picture_that_is_not_drawn_is_named():
    figure = theme.blank(TEXT, height=100)
    figure.add_pie(values=[1])
    with pytest.raises(UsageError, match="static picture of a 'pie' is not drawn"):
        static.svg(figure, width=720)


def test_a_picture_that_stands_alone_says_the_hover_text_of_each_mark_as_its_title():
    bar = form.bars(TEXT, ["a"], [1], ["1"], ["a<br>n = 1 &lt;b&gt;"])
    dot = form.spans(TEXT, ["a"], [form.Span(0.3, 0.2, 0.4, "30 %", "said")], top=1.0)
    alone = [static.picture(json.loads(each.to_json()), width=720, hovers=True) for each in (bar, dot)]
    assert "<g><title>a\nn = 1 &lt;b&gt;</title><rect" in alone[0]
    assert "<title>said</title><circle" in alone[1]
    assert "<title>" not in static.svg(bar, width=720)
