"""What a period will come to: the same point before, the forecast, its interval, and when it is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from funnel.errors import UsageError
from funnel.metrics import ahead, kpi


def course(seen, rest, seen_hits=None, rest_hits=None) -> ahead.Course:
    arrays = [
        np.asarray(each if each is not None else np.zeros(len(seen)), dtype=float)
        for each in (seen, rest, seen_hits, rest_hits)
    ]
    return ahead.Course(*arrays)


def one(rows, table, name: str, *columns: str):
    found = rows(table[table["kpi"] == name], *columns)
    assert len(found) == 1
    return found[0]


def monthly(here, months: int = 8, early: int = 2, late: int = 4) -> None:
    """Lay leads: each month of 2025-10 on has some on its 5th and some on its 25th."""
    for month in range(months):
        year, number = divmod(9 + month, 12)
        for day, n in ((5, early + month % 3), (25, late)):
            for i in range(n):
                here.cycle(f"{month} {day} {i}", mql=f"{2025 + year}-{number + 1:02d}-{day:02d} 12:00:00")


def test_where_the_early_tell_nothing_of_the_late_the_mean_rest_is_added() -> None:
    assert ahead.rest(course([1, 2, 3, 2], [10, 10, 10, 10]), 100) == 10


def test_where_the_rest_grows_with_what_was_seen_it_is_moved_but_never_beyond_proportion() -> None:
    """Slope 5 by least squares, cut at the ratio 40 / 4 = 10 and at nothing."""
    assert ahead.rest(course([2, 4, 6], [30, 40, 50]), 8) == pytest.approx(40 + 5 * 4)
    assert ahead.rest(course([3.9, 4.0, 4.1], [10, 40, 70]), 5) == pytest.approx(40 + 10)
    assert ahead.rest(course([2, 4, 6], [50, 40, 30]), 8) == 40
    assert ahead.rest(course([0, 0, 0], [50, 40, 30]), 8) == 40


def test_the_rest_is_never_below_nothing() -> None:
    assert ahead.rest(course([10, 20, 30], [10, 20, 30]), 0) == 0


def test_the_interval_is_student_t_on_roots_of_errors_when_each_is_forecast_from_the_others() -> None:
    seen, rest = np.array([4.0, 9, 6, 5, 8, 7]), np.array([30.0, 80, 40, 60, 50, 90])
    errors = []
    for i in range(6):
        x, r = np.delete(seen, i), np.delete(rest, i)
        slope = np.clip(np.polyfit(x, r, 1)[0], 0, r.mean() / x.mean())
        errors.append(np.sqrt(rest[i]) - np.sqrt(r.mean() + slope * (seen[i] - x.mean())))
    slope = np.clip(np.polyfit(seen, rest, 1)[0], 0, rest.mean() / seen.mean())
    more = rest.mean() + slope * (6.0 - seen.mean())
    reach = t.ppf(0.95, 5) * np.sqrt(np.square(errors).sum() / 5) * np.sqrt(7 / 6)
    found = ahead.flow(course(seen, rest), 6.0, 1.0)
    assert (found.value, found.low, found.high) == pytest.approx(
        (6 + more, 6 + max(np.sqrt(more) - reach, 0) ** 2, 6 + (np.sqrt(more) + reach) ** 2)
    )


def test_an_interval_is_never_narrower_than_that_of_cases_of_its_grain() -> None:
    same = course([5] * 6, [16] * 6)
    reach = t.ppf(0.95, 5) * 0.5 * np.sqrt(7 / 6)
    found = ahead.flow(same, 5, 1.0)
    assert (found.low, found.high) == pytest.approx((5 + (4 - reach) ** 2, 5 + (4 + reach) ** 2))
    wide = ahead.flow(same, 5, 4.0)
    assert wide.high == pytest.approx(5 + (4 + 2 * reach) ** 2)


def test_a_rate_mixes_what_is_known_with_the_rest_at_its_own_rate() -> None:
    known = course([10] * 6, [20] * 6, [5] * 6, [4] * 6)
    found = ahead.rate(known, 10, 8, 1.0)
    assert found.value == pytest.approx((8 + 20 * 0.2) / 30)
    reach = t.ppf(0.95, 5) * 0.5 * np.sqrt(20) / 30 * np.sqrt(7 / 6)
    middle = np.arcsin(np.sqrt(0.4))
    assert (found.low, found.high) == pytest.approx(
        (np.sin(middle - reach) ** 2, np.sin(middle + reach) ** 2)
    )


def test_a_rate_of_nothing_so_far_is_that_of_the_rests_and_stays_within_its_bounds() -> None:
    found = ahead.rate(course([0] * 6, [2] * 6, [0] * 6, [2] * 6), 0, 0, 1.0)
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0 <= found.low < 1


def test_a_count_so_far_stands_beside_the_month_before_at_the_same_share_of_its_days(house, rows) -> None:
    """16 June 00:00: half of June's 30 days; half of May's 31 is 15.5, to the nearest whole day 16."""
    here = house("2026-06-16 00:00:00")
    here.cycle("first month", mql="2026-04-10")
    for name, at in (
        ("a", "2026-05-16 23:59:59"),
        ("b", "2026-05-17 00:00:00"),
        ("c", "2026-06-15 23:59:59"),
    ):
        here.cycle(name, mql=at)
    table = kpi.outlook(here.open())
    columns = [
        "period",
        "period_on",
        "ends_on",
        "elapsed_share",
        "n",
        "so_far",
        "before_so_far",
        "before",
        "before_on",
    ]
    assert one(rows, table, "leads", *columns) == (
        "month", "2026-06-01", "2026-07-01", 0.5, 1, 1.0, 1.0, 2.0, "2026-05-01",
    )  # fmt: skip


@pytest.mark.parametrize(("months", "state"), [(6, "not yet"), (7, "ok")])
def test_a_forecast_needs_six_whole_months_after_the_first_with_a_case(house, rows, months, state) -> None:
    as_of = {6: "2026-04-16 00:00:00", 7: "2026-05-16 00:00:00"}[months]
    here = house(as_of)
    monthly(here, months)
    words = "5 whole months before it; a forecast needs 6" if state == "not yet" else None
    assert one(rows, kpi.outlook(here.open()), "leads", "state", "missing", "n_periods") == (
        state,
        words,
        months - 1,
    )


def test_a_forecast_is_so_far_plus_the_rest_with_whole_ends_and_the_target_by_days(house, rows) -> None:
    """Six months of 4 late leads each; 3 so far in May: 7 expected. 7 a week are 31 in 31 days."""
    here = house("2026-05-16 00:00:00")
    here.target("leads", 7, "week")
    monthly(here, 7)
    for i in range(3):
        here.cycle(f"now {i}", mql="2026-05-02")
    found = one(
        rows,
        kpi.outlook(here.open()),
        "leads",
        "so_far",
        "forecast",
        "low",
        "high",
        "level",
        "target",
        "attainment",
    )
    reach = t.ppf(0.95, 5) * 0.5 * np.sqrt(7 / 6)
    low, high = 3 + np.floor((2 - reach) ** 2), 3 + np.ceil((2 + reach) ** 2)
    assert found == (3.0, 7.0, low, high, 0.9, 31.0, round(7 / 31, 4))


def test_at_the_first_instant_of_a_month_the_outlook_is_of_the_month_that_begins(house, rows) -> None:
    here = house("2026-05-01 00:00:00")
    monthly(here, 7)
    columns = ["period_on", "ends_on", "elapsed_share", "so_far", "before_so_far", "state"]
    assert one(rows, kpi.outlook(here.open()), "leads", *columns) == (
        "2026-05-01",
        "2026-06-01",
        0.0,
        0.0,
        0.0,
        "ok",
    )


def test_targets_by_month_and_quarter_are_put_on_each_other(house, rows) -> None:
    here = house("2026-05-16 00:00:00")
    here.target("won_amount", 900, "month")
    here.target("opportunities", 30, "quarter")
    here.opportunity("2026-05-01", 100, "2026-05-02", "won")
    con = here.open()
    assert one(rows, kpi.outlook(con, period="quarter"), "won_amount", "target") == (2700.0,)
    assert one(rows, kpi.outlook(con, period="month"), "opportunities", "target") == (
        round(30 * 31 / 91.3125, 4),
    )
    assert one(rows, kpi.outlook(con, period="week"), "won_amount", "target") == (
        round(900 * 7 / 30.4375, 4),
    )


def test_a_source_that_fell_silent_is_not_forecast(house, rows) -> None:
    here = house("2026-05-16 00:00:00", is_alive=False)
    monthly(here, 6)
    assert one(rows, kpi.outlook(here.open()), "leads", "forecast", "state", "missing") == (
        None, "not yet", "nothing was recorded after 25 March 2026",
    )  # fmt: skip


def test_what_cannot_be_forecast_says_why(house, rows) -> None:
    here = house("2026-05-16 00:00:00", hands_to={"mql": "sales"})
    here.handoff("a", "2026-04-02", "rejected")
    here.opportunity("2026-04-01", 100, "2026-05-02", "won")
    table = kpi.outlook(here.open())
    assert one(rows, table, "days_to_close", "state", "missing") == (
        "undefined",
        "no forecast: a median is no sum",
    )
    assert one(rows, table, "acceptance_rate", "missing") == (
        "no forecast: its last hand-offs are decided only after the period",
    )
    assert one(rows, table, "win_rate", "state", "missing") == (
        "not in this source",
        "no lost opportunity is recorded",
    )


def test_the_scorecard_carries_the_outlook(house, rows) -> None:
    here = house("2026-05-16 00:00:00")
    monthly(here, 7)
    con = here.open()
    seen = one(
        rows,
        kpi.outlook(con),
        "leads",
        "period_on",
        "elapsed_share",
        "so_far",
        "before_so_far",
        "forecast",
        "low",
        "high",
    )
    names = [
        "outlook_on",
        "elapsed_share",
        "so_far",
        "before_so_far",
        "forecast",
        "forecast_low",
        "forecast_high",
    ]
    assert one(rows, kpi.scorecard(con), "leads", *names) == seen


def test_periods_are_replayed_from_those_before_them_alone(house, rows) -> None:
    """Six months after the first are learned from; the next two are forecast: 4 late leads each, exactly."""
    here = house("2026-07-01 00:00:00")
    monthly(here, 9)
    table = kpi.replayed(here.open())
    assert one(rows, table, "leads", "n", "n_inside", "coverage", "median_error") == (2, 2, 1.0, 0.0)
    assert rows(table.tail(1), "kpi", "title", "n") == [(None, "all", int(table["n"].iloc[:-1].sum()))]


def test_wrong_asks_say_what_would_do(house) -> None:
    con = house().open()
    with pytest.raises(UsageError, match="There is no period 'year'"):
        kpi.outlook(con, period="year")
    with pytest.raises(UsageError, match=r"cannot be cut at 1 of it"):
        kpi.replayed(con, share=1)
