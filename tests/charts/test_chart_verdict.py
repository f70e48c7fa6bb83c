"""The bridge of a disputed batch: parts where they begin, states in words, one accent, the sum."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from funnel.charts import show, static, theme, verdict

GAP, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"
PARTS = (
    ("definition", "Definition", -0.01, -0.03, 0.01, "neither"),
    ("mix", "Mix", 0.02, 0.0, 0.04, "excluded"),
    ("follow_up", "Follow-up", -0.08, -0.12, -0.03, "named"),
    ("immaturity", "Immaturity", 0.0, 0.0, 0.0, "excluded"),
    ("quality", "Quality", -0.01, -0.05, 0.01, "neither"),
    ("chance", "Chance", -0.02, -0.06, 0.02, "neither"),
)


def said(text):
    return re.sub(r" (%|pts)", rf"{GAP}\1", text).replace("-", MINUS)


def total(name, title, rate, reach, n):
    ends = {"end_low": rate - reach, "end_high": rate + reach}
    return {"part": name, "title": title, "is_total": True, "rate": rate, "n": n, "begin": 0.0} | ends


def bridge(parts=PARTS, base=0.28, n=214):
    """Return the table of a bridge from a baseline of 28 % over the parts."""
    rows = [total("baseline", "Baseline", base, 0.02, 5000)]
    at = base
    for name, title, value, low, high, state in parts:
        begin, at = at, at + (value or 0.0)
        rows.append(
            {
                "part": name,
                "title": title,
                "is_total": False,
                "points": value,
                "low_points": low,
                "high_points": high,
            }
            | {"begin": begin, "rate": at, "state": state, "p_harm": 0.5, "note": "a note", "n": n}
        )
    rows.append(total("observed", "This batch", at, 0.05, n))
    return pd.DataFrame(rows).assign(rule="How it is counted.")


def meta(figure):
    return figure.layout.meta


def test_each_part_begins_where_the_one_before_it_ends_and_the_totals_begin_at_zero():
    bars = verdict.bridge(bridge()).data[0]
    assert [round(x, 9) for x in bars.base] == [0, 0.28, 0.27, 0.29, 0.21, 0.21, 0.20, 0]
    assert [round(x, 9) for x in bars.x] == [0.28, -0.01, 0.02, -0.08, 0, -0.01, -0.02, 0.18]


def test_only_a_named_part_has_the_accent():
    colours = list(verdict.bridge(bridge()).data[0].marker.color)
    assert colours == [theme.DATA, *[theme.CONTEXT] * 2, theme.ACCENT, *[theme.CONTEXT] * 3, theme.DATA]


def test_value_interval_and_state_stand_in_words_at_each_bar():
    notes = [note.text for note in verdict.bridge(bridge()).layout.annotations]
    assert notes[0] == f"28.0{GAP}% (26.0\N{EN DASH}30.0)"
    assert notes[1:4] == [
        said("-1.0 pts (-3.0 to +1.0), neither"),
        said("+2.0 pts (0 to +4.0), excluded"),
        said("-8.0 pts (-12 to -3.0), named"),
    ]
    assert notes[-1] == f"18{GAP}% (13\N{EN DASH}23)"


def test_the_finding_says_the_way_and_groups_the_parts_by_what_is_shown_of_them():
    assert meta(verdict.bridge(bridge()))["finding"] == said(
        "From 28.0 % to 18 %, -10 pts. Named: follow\N{HYPHEN-MINUS}up -8.0 pts (-12 to -3.0). "
        "Excluded: mix, immaturity. Neither named nor excluded: definition, quality, chance."
    ).replace(f"follow{MINUS}up", "follow-up")


def test_a_part_that_is_not_judged_has_no_bar_no_interval_and_says_so():
    parts = [("follow_up", "Follow-up", None, None, None, "not judged"), *PARTS[4:]]
    figure = verdict.bridge(bridge(parts))
    assert (figure.data[0].x[1], figure.layout.annotations[1].text) == (0, "not judged")
    assert list(figure.data[1].y) == [0, 2, 3, 4]
    assert "Not judged: follow-up." in meta(figure)["finding"]


def test_intervals_lie_around_the_end_of_each_bar():
    dots = verdict.bridge(bridge()).data[1]
    assert [round(x, 9) for x in dots.x] == [0.28, 0.27, 0.29, 0.21, 0.21, 0.20, 0.18, 0.18]
    assert (round(dots.error_x.array[3], 9), round(dots.error_x.arrayminus[3], 9)) == (0.05, 0.04)


def test_connectors_join_the_end_of_each_row_to_the_next_and_the_last_one_to_the_sum():
    lines = [shape for shape in verdict.bridge(bridge()).layout.shapes if shape.name == "connector"]
    assert [round(line.x0, 9) for line in lines] == [0.28, 0.27, 0.29, 0.21, 0.21, 0.20, 0.18]
    assert [line.line.dash for line in lines] == [None] * 6 + ["dot"]


def test_a_part_of_nothing_is_a_line_where_its_bar_would_be():
    lines = [shape for shape in verdict.bridge(bridge()).layout.shapes if shape.name == "connector"]
    assert [round(line.y1 - line.y0, 3) for line in lines] == [0.312] * 4 + [1.0] + [0.312] * 2


@pytest.mark.parametrize(("low", "start"), [(-0.01, 0.0), (-0.3, -0.02)])
def test_the_axis_begins_at_zero_unless_an_interval_reaches_below_it(low, start):
    figure = verdict.bridge(bridge([("quality", "Quality", -0.01, low, 0.0, "neither")]))
    assert round(figure.layout.xaxis.range[0], 9) == start


def test_an_empty_batch_is_said_and_not_drawn_as_a_gap():
    table = bridge().assign(rate=None, end_low=None, end_high=None)
    figure = verdict.bridge(table)
    assert meta(figure)["finding"] == "There is no bridge: the batch or its baseline is empty."
    assert meta(figure)["is_empty"]


@pytest.mark.parametrize("width", [720, 328])
def test_the_static_picture_places_the_parts_where_they_begin(width):
    figure = verdict.bridge(bridge())
    picture = static.svg(figure, width=width)
    rects = [float(x) for x in re.findall(r'<rect x="([\d.]+)"', picture)]
    left = 4 if width == 328 else figure.layout.margin.l
    assert rects[0] == rects[-1] == left
    assert len(rects) == 8
    assert rects[1] < rects[2] + 1
    assert picture.count("<line") == 8 + 7


def test_a_title_from_elsewhere_is_text():
    table = bridge([("quality", "<script>x</script>", -0.01, -0.02, 0.0, "neither")])
    table.loc[1, "note"] = "<img src=x onerror=alert(1)>"
    figure = verdict.bridge(table)
    for text in (figure.to_json(), static.svg(figure, width=720), str(show(figure, table).record()["wide"])):
        assert "<script>x" not in text
        assert "<img" not in text


def comparison(**given):
    plain = {"title": "Earlier", "is_used": False, "is_batch": False, "n": 4000, "rate": 0.28}
    return plain | {"low_90": 0.26, "high_90": 0.30, "why_not": None, "rule": "Each counted alike."} | given


COMPARED = pd.DataFrame(
    [
        comparison(title="This batch", is_batch=True, n=214, rate=0.18, low_90=0.13, high_90=0.23),
        comparison(is_used=True),
        comparison(title="Same period", rate=None, low_90=None, high_90=None, n=0, why_not="Not mature yet."),
    ]
)


def test_the_batch_stands_beside_each_baseline_and_the_one_that_is_used_is_the_line():
    figure = verdict.comparisons(COMPARED)
    assert list(figure.data[0].marker.color) == [theme.ACCENT, theme.DATA]
    assert figure.layout.shapes[-1].x0 == 0.28
    assert list(figure.layout.yaxis.ticktext) == ["This batch (214)", "Earlier (4,000)", "Same period (0)"]
    assert figure.layout.annotations[2].text == "not comparable"
    assert meta(figure)["finding"].endswith("The verdict uses: earlier.")


def test_without_any_baseline_the_batch_stands_alone():
    figure = verdict.comparisons(COMPARED.head(1))
    assert "The verdict uses" not in meta(figure)["finding"]
    assert figure.layout.shapes == ()
