"""Charts of journeys: what they say, what they draw, and what stands in print."""

from __future__ import annotations

import pandas as pd
import pytest

from funnel.charts import journey, show

GAP = "\N{NO-BREAK SPACE}"
STEPS = pd.DataFrame(
    {
        "step": [1, 2, 3],
        "title": ["Webinar", "MQL", "Call"],
        "n": [100, 40, 10],
        "rate": [1.0, 0.4, 0.1],
        "low": [0.96, 0.31, 0.06],
        "high": [1.0, 0.5, 0.17],
        "step_rate": [None, 0.4, 0.25],
        "next_rate": [0.4, 0.25, None],
        "next_low": [0.31, 0.14, None],
        "next_high": [0.5, 0.4, None],
        "n_dropped": [0, 50, 30],
        "n_open": [0, 10, 0],
        "n_by_day": [0, 4, 1],
        "average_seconds": [None, 90000.0, 30.0],
        "median_seconds": [None, 43200.0, 40.0],
        "n_excluded": [2] * 3,
        "n_young": [7] * 3,
        "rule": ["Journey funnel: r."] * 3,
    }
)


def said(text):
    return text.replace(" %", f"{GAP}%").replace(" h", f"{GAP}h")


def test_the_parts_of_each_step_add_up_to_those_who_came_so_far() -> None:
    figure = journey.funnel(STEPS)
    drawn = {trace.name: list(trace.x) for trace in figure.data}
    assert drawn == {"went on": [40, 10, 10], "dropped": [50, 30, 0], "open": [10, 0, 0]}
    assert [note.text for note in figure.layout.annotations] == [
        said("100, 40 % go on"),
        said("40, 25 % go on"),
        "10",
    ]


def test_what_is_open_is_hatched_and_the_rest_is_not() -> None:
    patterns = {trace.name: trace.marker.pattern.shape for trace in journey.funnel(STEPS).data}
    assert patterns == {"went on": None, "dropped": None, "open": "/"}


def test_the_funnel_says_its_finding_its_rule_and_what_is_left_out() -> None:
    meta = journey.funnel(STEPS).layout.meta
    assert meta["finding"] == said("Of 100 that made the first step, 10 made the last: 10 % (6–17).")
    assert meta["rule"] == "Journey funnel: r. 2 left out as void. 7 left out as too young."
    plain = journey.funnel(STEPS.assign(n_excluded=0, n_young=0)).layout.meta
    assert plain["rule"] == "Journey funnel: r."


def test_the_hover_has_n_interval_and_time() -> None:
    hover = journey.funnel(STEPS).data[0].hovertext[1]
    assert hover == (
        said("MQL<br>40 came this far<br>next step 25 % (14–40)<br>from the first step 40 % (31–50)<br>")
        + f"median 12.0{GAP}h after the step before<br><br>went on: 10"
    )


def test_nobody_is_a_finding_too() -> None:
    meta = journey.funnel(STEPS.assign(n=0, n_dropped=0, n_open=0)).layout.meta
    assert meta["is_empty"]
    assert meta["finding"] == "No one made the first step in a window that is over."
    assert journey.funnel(STEPS.iloc[:0]).layout.meta["is_empty"]


def test_the_slowest_step_is_named_and_each_has_its_median() -> None:
    figure = journey.times(STEPS)
    assert figure.layout.meta["finding"] == (
        f"The slowest step is Webinar → MQL: half take more than 12.0{GAP}h."
    )
    assert list(figure.data[0].x) == [43200, 40]
    assert list(figure.data[0].text) == [f"12.0{GAP}h", f"40{GAP}s"]
    assert list(figure.layout.yaxis.ticktext) == ["Webinar → MQL (40)", "MQL → Call (10)"]
    assert "4 of them known to the day" in figure.data[0].hovertext[0]
    assert journey.times(STEPS.iloc[:1]).layout.meta["finding"] == "No one made a second step."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, f"0{GAP}s"),
        (59, f"59{GAP}s"),
        (60, f"1{GAP}min"),
        (3599, f"60{GAP}min"),
        (3600, f"1.0{GAP}h"),
        (3600 * 72, f"3{GAP}d"),
    ],
)
def test_a_length_of_time_has_the_unit_that_fits(seconds, words) -> None:
    assert journey.lasting(seconds) == words


def test_bins_say_how_many_and_the_average() -> None:
    table = pd.DataFrame(
        {
            "from_seconds": [60.0, 120.0],
            "to_seconds": [120.0, 180.0],
            "n": [3, 1],
            "average_seconds": [90.0, 90.0],
            "rule": ["r"] * 2,
        }
    )
    figure = journey.bins(table)
    assert list(figure.data[0].x) == [3, 1]
    assert figure.layout.meta["finding"] == f"4 made it, in 2{GAP}min on average."
    assert figure.data[0].hovertext[0] == f"1{GAP}min to 2{GAP}min<br>3 of 4"
    assert journey.bins(table.iloc[:0]).layout.meta["is_empty"]


def test_values_are_compared_by_their_last_step_with_null_apart() -> None:
    table = pd.concat([STEPS.assign(value="Mail"), STEPS.assign(value=None)], ignore_index=True)
    figure = journey.by_value(table)
    assert list(figure.layout.yaxis.ticktext) == ["Mail (100)", "not stated (100)"]
    assert list(figure.data[0].x) == [0.1, 0.1]
    assert figure.layout.meta["finding"] == said("Overall 10 % of 200 made the last step.")


def test_every_figure_has_a_static_picture_that_says_the_same() -> None:
    table = STEPS.assign(value="Mail")
    for figure in (journey.funnel(STEPS), journey.times(STEPS), journey.by_value(table)):
        record = show(figure, STEPS).record()
        assert record["wide"].startswith("<svg")
        assert record["narrow"].startswith("<svg")


def test_persons_are_a_table_that_keeps_its_rule() -> None:
    shown = journey.persons(pd.DataFrame({"subject_id": ["p"], "level": [2], "rule": ["r"]}))
    assert (shown.text.rule, list(shown.table)) == ("r", ["subject_id", "level"])


def test_what_comes_from_the_data_is_no_markup() -> None:
    figure = journey.funnel(STEPS.assign(title=["<b>x</b>", "MQL", "Call"]))
    assert "<b>" not in figure.data[0].hovertext[0]
    assert "<b>" not in figure.layout.yaxis.ticktext[0]
