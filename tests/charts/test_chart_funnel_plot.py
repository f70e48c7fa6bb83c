"""Funnel plots and the pictures of lead quality: places, names, limits, and text that stays text."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from funnel import stats
from funnel.charts import funnel_plot, quality, static, theme
from funnel.charts.funnel_plot import Dot, Panel

TEXT = theme.Text("name", "Title", "Rule", "Finding")
HOSTILE = "<script>alert(1)</script>=cmd"


def panel(title="Channel", rates=(0.4, 0.6), n=100, outside=()):
    dots = [Dot(f"g{at}", n * (at + 1), rate, f"h{at}", at in outside) for at, rate in enumerate(rates)]
    return Panel(title, dots, 0.5, 0.001)


def dots(figure):
    return [trace for trace in figure.data if trace.mode == "markers"]


def test_a_dot_stands_at_its_size_and_rate_and_the_first_panel_is_on_top():
    figure = funnel_plot.panels(TEXT, [panel(), panel("Region", (0.2,))])
    first, second = dots(figure)
    assert np.allclose(first.x, [2, math.log10(200)])
    top = 1.1 * 1.3 * 0.5
    height = 1 - funnel_plot.TOP - funnel_plot.FOOT
    assert np.allclose(first.y, [-1 + funnel_plot.FOOT + rate / top * height for rate in (0.4, 0.6)])
    assert np.allclose(second.y, [-2 + funnel_plot.FOOT + 0.2 / top * height])
    assert list(figure.layout.yaxis.range) == [-2, 0]


def test_the_lines_are_the_limits_at_both_levels():
    figure = funnel_plot.panels(TEXT, [panel()])
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    top, height = 1.1 * 1.3 * 0.5, 1 - funnel_plot.TOP - funnel_plot.FOOT
    sizes = 10 ** np.array(lines[0].x)
    expected = [
        side for z in (stats.WARNING_Z, stats.LIMIT_Z) for side in stats.limits_at(0.5, 0.001, sizes, z=z)
    ]
    for line, rates in zip(lines, expected, strict=True):
        assert np.allclose(line.y, -1 + funnel_plot.FOOT + np.minimum(rates / top, 1) * height)


def test_only_those_outside_are_named_and_coloured_and_their_names_keep_apart():
    figure = funnel_plot.panels(TEXT, [panel(rates=(0.4, 0.6, 0.605, 0.5), outside=(1, 2))])
    assert list(dots(figure)[0].marker.color) == [theme.DATA, theme.ACCENT, theme.ACCENT, theme.DATA]
    notes = {note.text: note for note in figure.layout.annotations}
    named = sorted(text for text in notes if text.startswith("g"))
    assert [text.split(" ")[0] for text in named] == ["g1", "g2"]
    assert abs(notes[named[1]].y - notes[named[0]].y) >= 15 / funnel_plot.PANEL - 1e-9


def test_a_name_from_a_source_stays_text_and_is_cut():
    row = Panel("Campaign", [Dot(HOSTILE, 50, 0.9, "h", True)], 0.5, 0.0)
    figure = funnel_plot.panels(TEXT, [row])
    picture = static.svg(figure, width=328)
    assert "<script" not in picture
    assert any(note.text.startswith("&lt;script&gt;alert") for note in figure.layout.annotations)


def test_a_switch_shows_all_panels_or_one_as_high_as_before():
    figure = funnel_plot.panels(TEXT, [panel(), panel("Region")])
    buttons = figure.layout.updatemenus[0].buttons
    assert [button.label for button in buttons] == ["All", "Channel", "Region"]
    assert [button.args[0]["yaxis.range"] for button in buttons] == [[-2, 0], [-1, 0], [-2, -1]]
    heights = [button.args[0]["height"] - funnel_plot.MENU for button in buttons]
    assert heights == [2 * funnel_plot.PANEL, funnel_plot.PANEL, funnel_plot.PANEL]
    assert not funnel_plot.panels(TEXT, [panel()]).layout.updatemenus


@pytest.mark.parametrize("width", [328, 720])
def test_the_static_picture_holds_every_dot_and_line(width):
    picture = static.svg(funnel_plot.panels(TEXT, [panel(), panel("Region")]), width=width)
    assert (picture.count("<circle"), picture.count("<path")) == (4, 8)
    assert f'width="{width}"' in picture


def test_nothing_to_draw_says_so():
    assert funnel_plot.panels(TEXT, []).layout.meta["is_empty"]


def groups(**more):
    row = {
        "dimension": "channel", "value": "ads", "n": 100, "n_good": 20, "rate": 0.2, "low": 0.13, "high": 0.29,
        "pooled_rate": 0.25, "pooled_low": 0.18, "pooled_high": 0.33, "limit_low": 0.3, "limit_high": 0.7,
        "is_outside": True, "is_small": False, "overall_rate": 0.5, "phi": 1.0, "tau2": 0.0, "state": "ok",
        "outcome": "accepted", "rule": "Rule.",
    }  # fmt: skip
    return row | more


def table(*rows):
    return pd.DataFrame(rows)


def test_the_finding_names_what_lies_outside_with_its_number_and_a_touch_does_not_repeat_it():
    many = [groups(value=f"v{at}", is_outside=False) for at in range(3)]
    again = groups(dimension="touched_channel")
    other = groups(dimension="touched_channel", value="mail", n=40)
    figure = quality.funnels(table(groups(), *many, again, other))
    finding = figure.layout.meta["finding"].replace("\N{NO-BREAK SPACE}", " ")
    assert finding == (
        "Outside their limits: channel “ads”, 20 % of 100, all 50 %; "
        "channel touched before “mail”, 20 % of 40, all 50 %."
    )


def test_small_groups_and_kinds_of_fewer_than_three_groups_are_left_to_the_table():
    rows = [groups(value=f"v{at}", is_small=at == 0) for at in range(4)]
    few = [groups(dimension="region", value=f"v{at}") for at in range(2)]
    figure = quality.funnels(table(*rows, *few))
    assert [len(trace.x) for trace in dots(figure)] == [3]
    assert not figure.layout.updatemenus


def test_a_source_without_refusals_says_so_and_draws_nothing():
    rows = [
        groups(
            n=0, rate=None, is_outside=False, state="not in this source: no refusal of a hand-off is recorded"
        )
    ]
    text = quality.funnels(table(*rows)).layout.meta
    assert (text["finding"], text["is_empty"]) == (
        "Not in this source: no refusal of a hand-off is recorded.",
        True,
    )
    assert quality.funnels(pd.DataFrame()).layout.meta["is_empty"]


def test_one_dimension_alone_is_a_funnel_plot_of_its_own():
    figure = quality.groups(table(groups(), groups(value="b", is_outside=False)))
    assert (figure.layout.meta["name"], figure.layout.meta["title"]) == (
        "groups-accepted-channel",
        "Accepted by channel",
    )


def said(**more):
    row = {"exit": "rejected", "reason": HOSTILE, "claim": "fit", "is_total": False, "n": 10, "n_supported": 2,
           "n_contradicted": 5, "n_untold": 3, "n_untouched": 1, "test": "a test", "rule": "Rule."}  # fmt: skip
    return row | more


def test_the_verdicts_of_a_reason_add_up_and_the_whole_is_said():
    figure = quality.evidence(table(said(), said(reason=None, is_total=True)))
    assert {trace.name: list(trace.x) for trace in figure.data} == {
        "borne out": [2], "contradicted": [5], "cannot tell": [3],
    }  # fmt: skip
    assert figure.layout.meta["finding"] == (
        "Of 10 refused hand-offs the record contradicts 5, bears out 2 and cannot tell of 3. "
        "1 were rejected without a human touch on record."
    )
    assert "<script" not in static.svg(figure, width=328)
    assert "<script" not in figure.to_json().replace("\\u003c", "<").split('"meta"')[0]


def test_without_activities_nothing_is_said_of_touches():
    text = quality.evidence(table(said(n_untouched=None), said(is_total=True, n_untouched=None))).layout.meta
    assert text["finding"].endswith("cannot tell of 3.")
    assert quality.evidence(table(said()).iloc[:0]).layout.meta["is_empty"]


def cell(**more):
    row = {"of": "losses", "dimension": "industry", "value": "steel", "reason": "Price", "n": 30, "n_value": 50,
           "n_unknown": 4, "share": 0.6, "low": 0.46, "high": 0.72, "overall_share": 0.4, "residual": 4.0,
           "is_shown": True, "state": "ok", "rule": "Rule."}  # fmt: skip
    return row | more


def test_a_reason_that_differs_is_said_and_marked_beside_the_whole():
    figure = quality.heard(table(cell(), cell(value="food", residual=-1.0, is_shown=False, n_unknown=0)))
    finding = figure.layout.meta["finding"].replace("\N{NO-BREAK SPACE}", " ")
    assert finding == "Differ from the whole: “Price” 60 % of steel, all 40 %. 4 have no reason."
    assert [round(figure.layout.shapes[0][key], 3) for key in ("x0", "x1")] == [0.396, 0.404]
    nothing = quality.heard(table(cell(is_shown=False))).layout.meta["finding"]
    assert nothing == "No reason is shown to differ between the groups. 4 have no reason."
