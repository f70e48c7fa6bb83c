"""Charts of arrival, load, ageing, feedback, recycling and overlap: what they say, and what they do not."""

from __future__ import annotations

import pandas as pd
import pytest

from funnel.charts import capacity, handoff, handoff_arrival, overlap, recycle, static

GAP, DASH = "\N{NO-BREAK SPACE}", "\N{EN DASH}"
NASTY = "<script>alert(1)</script>"


def said(figure):
    return figure.layout.meta["finding"].replace(GAP, " ").replace(DASH, "-")


def by_rows(**columns):
    base = {
        "dimension": "team",
        "value": ["A", NASTY],
        "n": [400, 300],
        "rate": [0.8, 0.4],
        "low": [0.75, 0.35],
        "high": [0.84, 0.46],
        "limit_low": 0.5,
        "limit_high": 0.9,
        "is_outside": [False, True],
        "is_small": False,
        "median_hours": [2.0, None],
        "kept_rate": 0.5,
        "kept_low": 0.4,
        "kept_high": 0.6,
        "n_cadence": 100,
        "state": "ok",
        "rule": "Rule.",
    }
    return pd.DataFrame(base | columns)


def test_only_what_lies_outside_the_limits_is_called_out():
    figure = handoff.by(by_rows())
    assert said(figure) == f"Outside what chance and the usual spread give: {NASTY} 40 % (35-46)."
    inside = handoff.by(by_rows(is_outside=False))
    assert said(inside) == "No group lies outside what chance and the usual spread give."
    assert figure.layout.meta["name"] == "by-team"
    hovers = figure.data[0].hovertext
    assert "median wait 2.0 h (business)" in hovers[0].replace(GAP, " ")
    assert "median wait not reached" in hovers[1]
    assert all("<script" not in hover for hover in hovers)
    assert "<script" not in static.svg(figure, width=328)


def test_a_source_without_activities_is_not_answerable():
    assert said(handoff.by(by_rows(state="not in this source"))) == "Not answerable: not in this source."
    assert said(handoff.by(by_rows().iloc[:0])) == "There is no hand-off."


def grid(**cells):
    """Return a grid of twelve-hour bands; `cells` maps a weekday to (n_hand_offs, n, n_met, is_outside)."""
    rows = []
    for weekday, name in enumerate(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), 1
    ):
        for hour in (0, 12):
            total, n, met, outside = cells.get(name, (0, 0, 0, False)) if hour == 12 else (0, 0, 0, False)
            rate = met / n if n else None
            rows.append(
                (weekday, name, hour, hour + 12, total, n, met, rate, 0.1, 0.9, outside, "ok", "Rule.")
            )
    names = [
        "weekday",
        "weekday_name",
        "hour",
        "until_hour",
        "n_hand_offs",
        "n",
        "n_met",
        "rate",
        "low",
        "high",
    ]
    return pd.DataFrame(rows, columns=[*names, "is_outside", "state", "rule"])


def test_each_hour_of_the_week_is_a_cell_with_its_share_and_its_number():
    figure = handoff.arrivals(
        grid(Monday=(60, 50, 40, False), Sunday=(30, 20, 4, True), Friday=(9, 9, 9, False))
    )
    texts = {(note.x, note.y): note.text.replace(GAP, " ") for note in figure.layout.annotations}
    assert texts == {(1, 0.5): "80 %<br>60", (7, 0.5): "20 %<br>30", (5, 0.5): "9"}
    assert said(figure) == "Outside what chance and the usual spread give: Sunday 12-24 h 20 % (10-90) of 20."
    assert [tick.replace(GAP, " ") for tick in figure.layout.yaxis.ticktext] == ["00:00", "12:00"]
    colours = dict(
        zip(zip(figure.data[0].x, figure.data[0].base, strict=True), figure.data[0].marker.color, strict=True)
    )
    assert colours[(1, 0)] != colours[(7, 0)] != colours[(5, 0)]
    picture = static.svg(figure, width=328)
    assert picture.count("<rect") == 14
    assert "80\N{NO-BREAK SPACE}%" in picture


def test_every_number_can_be_read_on_its_cell():
    """Contrast of at least 4.5 to 1 (WCAG 2.1, relative luminance) for every share from the least to the most."""

    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for met in range(101):
        row = {"n": 100, "rate": met / 100}
        sides = sorted(light(colour) for colour in handoff_arrival._shade(row, [0.0, 1.0]))
        assert (sides[1] + 0.05) / (sides[0] + 0.05) >= 4.5


def test_a_grid_says_why_it_tells_nothing():
    assert said(handoff.arrivals(grid())) == "No hand-off of known hour."
    absent = grid(Monday=(60, 0, 0, False)).assign(state="not in this source")
    assert said(handoff.arrivals(absent)) == "Not answerable: not in this source."
    even = grid(Monday=(60, 50, 40, False))
    assert (
        said(handoff.arrivals(even))
        == "No hour of the week lies outside what chance and the usual spread give."
    )


def ageing_rows(**last):
    total = {"age": "all", "is_total": True, "n": 3, "n_late": 2, "oldest_days": 100.0, "n_young": 2}
    total |= {"amount_at_stake": 2000.0, "currency": "EUR", "state": "ok", "rule": "R."}
    young = total | {"age": "up to 1 day", "is_total": False, "n": 2, "oldest_days": 1.0}
    old = total | {"age": "over 90 days", "is_total": False, "n": 1, "amount_at_stake": None}
    return pd.DataFrame([young, old, total | last])


def test_what_lies_is_counted_with_what_such_cases_brought():
    figure = handoff.ageing(ageing_rows())
    assert said(figure) == (
        "3 open hand-offs were never touched, 2 of them past the deadline of the first touch; the oldest for 100 d. "
        "The 2 younger than the horizon stand for €2.00 k, by what such hand-offs brought."
    )
    assert [text.replace(GAP, " ") for text in figure.data[0].text] == ["2, €2.00 k", "1"]
    assert "stand for" not in said(handoff.ageing(ageing_rows(amount_at_stake=None)))
    assert said(handoff.ageing(ageing_rows(n=0))) == "No open hand-off lies untouched."
    assert (
        said(handoff.ageing(ageing_rows(state="not in this source"))) == "Not answerable: not in this source."
    )


def test_feedback_says_half_and_nine_in_ten_and_what_is_not_reached():
    row = {
        "value": None,
        "outcome": "any outcome",
        "n": 50,
        "n_heard": 30,
        "share": 0.6,
        "low": 0.46,
        "high": 0.72,
    }
    row |= {"by_days": 14.0, "median_days": 3.0, "p90_days": None, "state": "ok", "rule": "R."}
    absent = row | {"outcome": "any change of status", "state": "not in this source", "share": None}
    figure = handoff.feedback(pd.DataFrame([absent, row, row | {"value": "EMEA"}]))
    assert (
        said(figure)
        == "Any outcome: half after 3 d, nine in ten after not reached; 60 % (46-72) of 50 within 14 d."
    )
    assert list(figure.layout.yaxis.ticktext) == ["any outcome (30)"]
    assert said(handoff.feedback(pd.DataFrame([row | {"n": 0}]))) == "There is no hand-off of known time."


def week(**columns):
    row = {
        "week_on": pd.Timestamp("2026-03-02"),
        "is_total": True,
        "n_arrived": 40,
        "n_worked": 30,
        "n_queue": 25,
    }
    row |= {"n_reps": 5, "capacity": 10.0, "capacity_source": "agreed", "load": 0.8, "n": 40, "rate": 0.5}
    row |= {"low": 0.35, "high": 0.65, "is_mature": True, "state": "ok", "rule": "R."}
    return pd.DataFrame([row | columns])


def test_the_last_week_is_told_with_load_work_and_queue():
    assert said(capacity.weeks(week())) == (
        "40 hand-offs arrived in the week of 2 Mar, 80 % of what 5 reps can work; 30 were first touched in it, "
        "25 lay open and untouched at its end."
    )
    none = week(load=None, capacity_source="the contract names no capacity")
    assert "load cannot be said: the contract names no capacity" in said(capacity.weeks(none))
    titles = [note.text for note in capacity.weeks(none).layout.annotations]
    assert "Load: the contract names no capacity" in titles
    absent = week(load=None, n_worked=None, n_queue=None, n_reps=None, state="not in this source")
    assert (
        said(capacity.weeks(absent))
        == "40 hand-offs arrived in the week of 2 Mar; who worked them: not in this source."
    )
    assert said(capacity.weeks(week().iloc[:0])) == "There is no hand-off."


def test_levels_of_load_are_an_association():
    base = {"mean_load": 0.2, "n": 50, "low": 0.6, "high": 0.9, "state": "ok", "rule": "R."}
    table = pd.DataFrame(
        [base | {"level": "least load", "rate": 0.8}, base | {"level": "most load", "rate": 0.7}]
    )
    assert said(capacity.levels(table)) == (
        "First touch met in the quarter of weeks with the least load: 80 % (60-90); with the most load: "
        "70 % (60-90). An association, not a cause."
    )
    none = table.assign(rate=None, state="undefined")
    assert said(capacity.levels(none)) == "Load and answers cannot be compared: undefined."


def returned(**columns):
    row = {"reason": NASTY, "is_total": False, "n_recycled": 20, "n": 20, "within_days": 180.0, "rule": "R."}
    for name, rate in (("back", 0.5), ("handed", 0.4), ("won", 0.1)):
        row |= {f"{name}_rate": rate, f"{name}_low": 0.05, f"{name}_high": 0.6}
    total = row | {"reason": None, "is_total": True} | columns
    return pd.DataFrame([row, row | {"reason": "few", "n": 9}, total])


def test_yield_is_told_by_step_and_reasons_below_ten_stay_in_the_table():
    figure = recycle.returns(returned())
    assert said(figure) == (
        "Of 20 recycled leads, 50 % (5-60) came back within 180 d, 40 % (5-60) were handed over again, "
        "10 % (5-60) were won."
    )
    assert len(figure.layout.yaxis.ticktext) == 6
    assert "<script" not in static.svg(figure, width=720)
    assert said(recycle.returns(returned(n=0))) == "None of 20 recycled leads is old enough to be judged."
    assert said(recycle.returns(returned(n_recycled=0))) == "No lead was recycled."


def test_what_was_closed_as_bad_is_sorted_by_how_many():
    row = {
        "reason": "x",
        "is_total": False,
        "n": 50,
        "n_listed": 0,
        "n_accepted": 1,
        "n_won": 0,
        "n_wrong": 1,
    }
    row |= {"rate": 0.02, "low": 0.0, "high": 0.1, "rule": "R."}
    other = row | {"reason": None, "n_wrong": 5, "n_listed": 5}
    total = row | {"is_total": True, "reason": None, "n": 100, "n_wrong": 6, "n_listed": 5, "rate": 0.06}
    figure = recycle.closed(pd.DataFrame([row, other, row | {"n_wrong": 0, "reason": "y"}, total]))
    assert list(figure.layout.yaxis.ticktext) == ["not stated", "x"]
    assert said(figure) == (
        "6 of 100 rejected leads, 6 % (0-10), were no bad leads: 5 for a reason that the contract lists as "
        "recycled, 1 were accepted in a later pass, 0 won."
    )
    assert said(recycle.closed(pd.DataFrame([total | {"n": 0}]))) == "No lead was rejected."


def touched(**columns):
    row = {"value": NASTY, "campaign_id": None, "is_total": False, "n": 200, "n_touches": 20, "rate": 0.1}
    row |= {"low": 0.07, "high": 0.15, "n_account_touches": 3, "n_opportunities": 9, "spend_amount": 50.0}
    row |= {"all_spend_amount": 900.0, "currency": "EUR", "state": "ok", "rule": "R."}
    return pd.DataFrame([row | columns, row | {"is_total": True, "value": None} | columns])


def test_overlap_is_told_with_its_spend_and_not_as_waste():
    figure = overlap.touches(touched(), by="channel")
    assert said(figure) == (
        "20 of 200 touches, 10 % (7-15), met 9 open opportunities, 3 of them at the account only; "
        "€50.0 of €900 campaign spend fell on them."
    )
    assert figure.layout.meta["name"] == "overlap-by-channel"
    assert overlap.touches(touched(), by="campaign").layout.meta["name"] == "overlap-by-campaign"
    assert "waste" not in said(figure)
    assert "<script" not in static.svg(figure, width=328)
    assert "spend" not in said(overlap.touches(touched(spend_amount=None), by="channel"))


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("not in this source", "not in this source"),
        ("undefined", "of no opportunity is known when it was open"),
    ],
)
def test_overlap_that_cannot_be_judged_says_why(state, why):
    figure = overlap.touches(touched(state=state), by="channel")
    assert said(figure) == f"Cannot be judged: {why}."
    assert figure.layout.meta["is_empty"]


def test_what_touched_opportunities_did_is_the_sentence_of_its_table():
    row = {
        "title": "nobody was touched",
        "n": 30,
        "n_won": 10,
        "n_lost": 15,
        "rate": 0.4,
        "low": 0.2,
        "high": 0.6,
    }
    table = pd.DataFrame([row | {"sentence": "Said.", "rule": "R."}])
    assert said(overlap.outcomes(table)) == "Said."
    assert list(overlap.outcomes(table).layout.yaxis.ticktext) == ["Nobody was touched (30)"]
    assert overlap.outcomes(table.assign(rate=None)).layout.meta["is_empty"]
