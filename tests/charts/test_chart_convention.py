"""Charts of conventions, orders, ages, segments and mix: what they say, draw, and still show in print."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest

from funnel.charts import conversion, show
from funnel.charts.static import svg

GAP = "\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"
RULE = "Cohort: of those who entered <MQL> in each month, the share that reached SQL within 30 days."


def table(*rows: dict, **every) -> pd.DataFrame:
    return pd.DataFrame([every | row for row in rows])


def texts(figure) -> list[str]:
    return [note.text.replace(GAP, " ") for note in figure.layout.annotations]


def finding(figure) -> str:
    return figure.layout.meta["finding"].replace(GAP, " ")


FIVE = table(
    {"title": "Cohort", "n_converted": 25, "n": 100, "rate": 0.25, "low": 0.18, "high": 0.34},
    {"title": "Period", "n_converted": 120, "n": 100, "rate": 1.2, "low": None, "high": None},
    {"title": "Closed cohort", "n_converted": 0, "n": 0, "rate": None, "low": None, "high": None},
    rule=RULE,
)


def test_conventions_stand_on_one_scale_and_a_ratio_has_no_interval():
    figure = conversion.conventions(FIVE)
    assert list(figure.data[0].x) == [0.25, 1.2]
    assert texts(figure) == [f"25 % (18{DASH}34), 25 of 100", "120 %, 120 of 100", f"{DASH}, 0 of 0"]
    assert figure.layout.xaxis.range[1] == pytest.approx(1.26)
    assert finding(figure) == "From 25 % (cohort) to 120 % (period) for the same two stages."


def test_a_ratio_far_above_one_is_said_and_does_not_squeeze_the_shares():
    far = pd.concat([FIVE[:1], FIVE[1:2].assign(n_converted=3695, rate=36.95)])
    figure = conversion.conventions(far)
    assert list(figure.data[0].x) == [0.25]
    assert texts(figure)[1] == "3695 %, 3,695 of 100: off the scale"
    assert figure.layout.xaxis.range[1] == pytest.approx(0.34 * 1.05)


def test_each_row_carries_its_own_rule_as_text_not_as_markup():
    hovers = conversion.conventions(FIVE).data[0].hovertext
    assert all("&lt;MQL&gt;" in hover and "<MQL>" not in hover for hover in hovers)
    assert hovers[0].replace(GAP, " ").endswith(f"25 of 100<br>25 % (18{DASH}34)")


def test_where_nobody_entered_the_page_says_so_and_draws_nothing():
    figure = conversion.conventions(FIVE[2:])
    assert finding(figure) == "Nobody entered or closed."
    assert figure.layout.meta["is_empty"] is True


FOUR = table(
    {"order": "implied", "n_converted": 4, "n": 5, "n_imputed": 1},
    {"order": "in order", "n_converted": 3, "n": 4, "n_imputed": 1},
    {"order": "any order", "n_converted": 3, "n": 4, "n_imputed": 1},
    {"order": "strict", "n_converted": 1, "n": 4, "n_imputed": 1},
    rate=0.5,
    low=0.2,
    high=0.8,
    rule=RULE,
)


def test_the_orders_are_four_labelled_numbers():
    figure = conversion.orders(FOUR)
    assert list(figure.layout.yaxis.ticktext) == ["Implied", "In order", "In any order", "Strict"]
    assert finding(figure) == "Converted implied: 4; in order: 3; in any order: 3; strict: 1."
    assert "1 of the implied were never observed" in figure.layout.meta["rule"]


def ages(**last) -> pd.DataFrame:
    both = {"n": 100, "low": 0.1, "high": 0.3, "age_days": 15.0, "rule": "Same age.", "is_mature": True}
    first = {"period_on": datetime(2026, 1, 1), "rate": 0.2, "change": None, "change_low": None}
    first["note"] = None
    second = {
        "period_on": datetime(2026, 2, 1),
        "rate": 0.1,
        "change": -0.1,
        "change_low": -0.18,
        "note": None,
    }
    return table(first | {"change_high": None}, second | {"change_high": -0.02} | last, **both)


def test_same_age_says_whether_a_change_is_shown():
    assert finding(conversion.same_age(ages())) == (
        "Feb 2026 stands at 10 %, \N{MINUS SIGN}10 pts against the cohort before at the same age: a change is shown."
    )
    unsure = conversion.same_age(ages(change_high=0.02))
    assert finding(unsure).endswith("a change is not shown.")
    assert finding(conversion.same_age(ages()[:1])) == "Jan 2026 stands at 20 %."


def test_a_cohort_younger_than_the_age_is_hatched_and_has_no_dot():
    young = ages(is_mature=False, rate=None, low=None, high=None)
    figure = conversion.same_age(young)
    drawn = next(trace for trace in figure.data if trace.type == "scatter")
    assert list(drawn.y) == [0.2, None]
    hatched = [trace for trace in figure.data if trace.type == "bar"]
    assert [list(trace.x) for trace in hatched] == [[1.0]]
    assert "not yet: younger than 15" in drawn.hovertext[1].replace(GAP, " ")
    assert finding(conversion.same_age(young[1:])) == "No cohort has an age to compare at yet."


def test_a_cohort_whose_conversions_were_not_yet_recorded_is_hatched_and_compared_with_none():
    early = ages(note="left truncated: SQL is recorded only from 3 March 2026")
    figure = conversion.same_age(early)
    hatched = [trace for trace in figure.data if trace.type == "bar"]
    assert [list(trace.x) for trace in hatched] == [[1.0]]
    assert "left truncated" in [each.text for each in figure.layout.annotations]
    drawn = next(trace for trace in figure.data if trace.type == "scatter")
    assert "SQL is recorded only from 3 March 2026" in drawn.hovertext[1]
    assert finding(figure) == "Jan 2026 stands at 20 %."


def segments(*groups: tuple[str, int]) -> pd.DataFrame:
    whole = {"segment": "all", "value": "all", "n": 300, "rate": 0.2}
    parts = [
        {"segment": name, "value": f"v{i}", "n": 100 - i, "rate": 0.2}
        for name, size in groups
        for i in range(size)
    ]
    limits = {"limit_low": 0.1, "limit_high": 0.3, "is_outside": False, "low": 0.15, "high": 0.25}
    return table(whole, *parts, rule=RULE, **limits)


def labels(figure) -> list[str]:
    return list(figure.layout.yaxis.ticktext)


def test_the_switch_shows_all_segments_at_first_and_each_column_by_its_rows():
    figure = conversion.segments(segments(("channel", 2), ("company_size", 3)))
    assert labels(figure) == [
        "All",
        "Channel: v0",
        "Channel: v1",
        "Company size: v0",
        "Company size: v1",
        "Company size: v2",
    ]
    buttons = figure.layout.updatemenus[0].buttons
    assert [button.label for button in buttons] == ["All segments", "Channel", "Company size"]
    ranges = [button.args[0]["yaxis.range"] for button in buttons]
    assert ranges == [[5.5, -0.5], [2.5, 0.5], [5.5, 2.5]]
    assert buttons[0].args[0]["height"] == figure.layout.height
    assert list(figure.layout.yaxis.range) == ranges[0]


def test_print_and_a_narrow_screen_hold_every_segment_without_the_switch():
    given = segments(("channel", 2), ("region", 2))
    shown = show(conversion.segments(given), given).record()
    for picture in (shown["wide"], shown["narrow"]):
        assert all(name in picture for name in ("Channel: v0", "Channel: v1", "Region: v0", "Region: v1"))


def test_one_column_alone_needs_no_switch():
    assert conversion.segments(segments(("channel", 2))).layout.updatemenus == ()


def test_a_column_shows_its_four_largest_of_ten_and_more_and_no_campaigns():
    many = segments(("channel", 6), ("campaign", 2))
    many.loc[2, "n"] = 9
    assert labels(conversion.segments(many)) == ["All", *(f"Channel: v{i}" for i in (0, 2, 3, 4))]


def test_first_time_and_repeat_are_named_and_the_outside_are_said():
    passes = segments(("pass", 2))
    passes.loc[1:, "value"] = ["first", "repeat"]
    passes.loc[2, "is_outside"] = True
    figure = conversion.segments(passes)
    assert labels(figure) == ["All", "First time", "Repeat"]
    assert finding(figure) == "Overall 20 % of 300; outside its limits: Repeat."


def mixed(**total) -> pd.DataFrame:
    days = dict(zip(("start_on", "end_on", "before_on", "before_end_on"),
                    map(pd.Timestamp, ("2026-02-01", "2026-03-01", "2026-01-01", "2026-02-01")), strict=True))  # fmt: skip
    one = {"segment": "ads", "n_before": 4, "n": 12, "mix": -0.1, "rate_effect": 0.05, "change": -0.05}
    ends = {f"{name}_{end}": value for name in ("mix", "rate_effect", "change")
            for end, value in (("low", -0.3), ("high", 0.1))}  # fmt: skip
    whole = one | {"segment": "all", "n_before": 8, "n": 16} | ends | total
    return table(one, whole, rate_before=0.3, rate=0.25, is_reversed=True, rule="Mix.", **days)


def test_mix_and_rate_are_seen_to_add_up_and_a_reversal_is_said():
    figure = conversion.mix(mixed())
    minus = "\N{MINUS SIGN}"
    assert finding(figure) == (
        f"The conversion moved {minus}5.0 pts: {minus}10.0 pts by mix, +5.0 pts by the rates within segments; "
        "every segment moved the other way."
    )
    assert labels(figure) == ["The change", "of it mix", "of it rates", "ads (4 → 12)"]
    assert texts(figure)[0] == f"{minus}5.0 pts ({minus}30.0 to +10.0)"
    assert texts(figure)[3] == f"{minus}5.0 pts"
    assert figure.layout.meta["rule"].startswith(
        "Mix. 1\N{EN DASH}28 February 2026 against 1\N{EN DASH}31 January"
    )


def test_without_a_cohort_before_nothing_is_compared():
    figure = conversion.mix(mixed(change=None, mix=None, rate_effect=None))
    assert finding(figure) == "There is no cohort before to compare with."
    assert figure.layout.meta["is_empty"] is True


def entered(*months) -> pd.DataFrame:
    counts = {"n": 12, "n_persons": 11, "n_first": 9, "n_repeat": 3, "n_visits": 14, "n_backward": 2}
    rows = [{"period_on": datetime(2026, m, 1), "is_complete": m < 3} for m in months]
    return table(*rows, **counts, rule="Observed entries.")


def test_first_time_and_repeat_entries_are_pieces_of_a_column_and_the_running_month_is_left_out():
    figure = conversion.entries(entered(1, 2, 3))
    assert {trace.name: list(trace.y) for trace in figure.data} == {"first time": [9, 9], "repeat": [3, 3]}
    assert finding(figure) == (
        "In the last period 12 cycles of 11 people entered: 9 for the first time, 3 again. Of all 24, 6 were repeats."
    )
    assert "14 visits, 2 of them backward" in figure.data[0].hovertext[0]
    unknown = finding(conversion.entries(entered(1).assign(n_persons=0)))
    assert unknown.startswith("In the last period 12 cycles entered: 9")
    assert conversion.entries(entered(3)).layout.meta["is_empty"] is True


def test_an_immature_cell_of_the_agreed_conversion_is_hatched_and_null():
    months = [{"period_on": datetime(2026, m, 1), "is_mature": m < 3} for m in (1, 2, 3)]
    given = table(*months, n=50, n_converted=10, rate=0.2, low=0.1, high=0.3, note=None, rule=RULE,
                  observed_share=0.4)  # fmt: skip
    given.loc[2, ["rate", "low", "high"]] = None
    figure = conversion.rate(given)
    assert figure.layout.meta["name"] == "conversion-rate"
    drawn = next(trace for trace in figure.data if trace.type == "scatter")
    assert list(drawn.y) == [0.2, 0.2, None]
    assert "40 % of its window is over" in drawn.hovertext[2].replace(GAP, " ")


@pytest.mark.parametrize(
    "figure",
    [
        conversion.conventions(FIVE),
        conversion.orders(FOUR),
        conversion.same_age(ages()),
        conversion.segments(segments(("channel", 2), ("region", 2))),
        conversion.mix(mixed()),
        conversion.entries(entered(1, 2)),
    ],
    ids=lambda figure: figure.layout.meta["name"],
)
def test_every_figure_has_a_static_picture_in_both_widths_and_is_equal_twice(figure):
    for width in (720, 328):
        assert svg(figure, width=width) == svg(figure, width=width)
    assert figure.layout.meta["rule"]
    assert figure.layout.meta["finding"]
