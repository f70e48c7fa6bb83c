"""Chain ladder: the growth of cohorts by hand, and what a forecast may say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel import ladder


def cohorts(*rows):
    """Return cohorts from (watched to, converted at or None, n) triples, a list per cohort, in cells 0..3."""
    watched, converted, settled = np.zeros((3, len(rows), 4))
    for place, members in enumerate(rows):
        for until, came, n in members:
            watched[place, until] += n
            if came is not None:
                converted[place, came] += n
                settled[place, until] += n
    return ladder.Cohorts(watched, converted, settled)


OLD = [(3, 1, 4), (3, 2, 2), (3, 3, 2), (3, None, 12)]
YOUNG = [(1, 1, 3), (1, None, 17)]


def test_with_mature_cohorts_alone_growth_is_the_share_that_had_converted_by_each_age():
    """Of eight converters four had by age 1, six by 2, all by 3."""
    assert list(ladder.growth(cohorts(OLD))) == pytest.approx([0, 0.5, 0.75, 1])


def test_a_young_cohort_adds_what_it_can_tell():
    """Development factors by hand: 3 to 2: 8/6, 2 to 1: 6/4; watched to age 2, a cohort of 2 and 2 more: (6+4)/(4+2)."""
    middle = [(2, 1, 2), (2, 2, 2), (2, None, 6)]
    assert list(ladder.growth(cohorts(OLD, middle))) == pytest.approx([0, 6 / 8 * 6 / 10, 6 / 8, 1])


def test_it_is_the_chain_ladder_of_a_triangle():
    """Mack 1993's principle on three years of cumulative counts 10 15 18 / 12 20 / 9: factors 35/22 and 18/15."""
    triangle = cohorts(
        [(2, 0, 10), (2, 1, 5), (2, 2, 3)],
        [(1, 0, 12), (1, 1, 8)],
        [(0, 0, 9)],
    )
    growth = ladder.growth(ladder.Cohorts(*(part[:, :3] for part in vars(triangle).values())))
    assert list(1 / growth) == pytest.approx([35 / 22 * 18 / 15, 18 / 15, 1])


def test_weights_are_copies_of_cohorts():
    known = cohorts(OLD, YOUNG, [(2, 2, 5), (2, None, 1)])
    doubled = ladder.Cohorts(*(part[[0, 1, 1, 2]] for part in vars(known).values()))
    weighted = ladder.growth(known, np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 1.0]]))
    assert weighted == pytest.approx(np.array([ladder.growth(doubled), ladder.growth(known)]))


def test_nothing_converted_gives_a_growth_that_says_nothing():
    assert list(ladder.growth(cohorts([(3, None, 5)]))) == [1, 1, 1, 1]


def forecast(*rows, of=-1):
    known = cohorts(*rows)
    return ladder.forecast(ladder.ladder(known), known.watched[of], known.settled[of])


def test_the_rate_is_what_was_seen_over_the_sum_of_growth():
    """Three of twenty at age 1, where half of all conversions have come: 3 / 10, six in all."""
    found = forecast([(3, 1, 400), (3, 2, 200), (3, 3, 200), (3, None, 1200)], YOUNG)
    share = (400 + 3) / (600 + 3) * 600 / 800
    assert (found.rate, found.seen_share) == pytest.approx((3 / (20 * share), share), rel=0.01)
    assert found.expected == pytest.approx(20 * found.rate)
    assert found.low < found.rate < found.high
    assert 3 <= found.expected_low < found.expected < found.expected_high <= 20


def test_a_cohort_watched_to_the_end_has_jeffreys_interval_and_no_more_to_come():
    """8 of 20 with all of the window behind them; Jeffreys 90 %: Beta(8.5, 12.5) quantiles .2357 and .5813."""
    found = forecast(OLD, OLD)
    assert (found.rate, found.expected, found.expected_low, found.expected_high) == (0.4, 8, 8, 8)
    assert (found.low, found.high) == pytest.approx((0.2357, 0.5813), abs=0.03)


def test_none_seen_yet_has_an_interval_from_nought():
    found = forecast(OLD, [(1, None, 20)])
    assert (found.rate, found.low, found.expected_low) == (0, 0, 0)
    assert 0.05 < found.high < 0.5


def test_a_rate_is_never_more_than_one():
    """All five converted at age 1, where half of all conversions are to be seen: ten of five are not to come."""
    found = forecast(OLD, [(1, 1, 5)])
    assert (found.rate, found.expected, found.high) == (1, 5, 1)


def test_less_seen_is_less_known():
    widths = [
        found.high - found.low
        for found in (forecast(OLD * 10, [(age, age, 5), (age, None, 15)]) for age in (1, 2, 3))
    ]
    assert widths == sorted(widths, reverse=True)


def test_the_same_counts_give_the_same_interval():
    assert forecast(OLD, YOUNG) == forecast(OLD, YOUNG)


def test_the_posterior_is_that_of_the_ages_as_they_are():
    """Against the same posterior on a grid: two groups, G .2 and .9, 4 of 34 converted, Jeffreys on rate x mean G."""
    sizes, shares = np.array([20.0, 10.0]), np.tile([0.2, 0.9], (20_000, 1))
    drawn = ladder._rates(np.random.default_rng(7), sizes, shares, 4.0)
    grid = np.linspace(0, 1, 20_001)[1:-1]
    mean = 13 / 30
    like = 3.5 * np.log(grid) - 0.5 * np.log1p(-grid * mean) + np.log1p(-np.outer(grid, shares[0])) @ sizes
    mass = np.exp(like - like.max()).cumsum()
    asked = [0.05, 0.25, 0.5, 0.75, 0.95]
    expected = [grid[np.searchsorted(mass / mass[-1], share)] for share in asked]
    assert list(np.quantile(drawn, asked)) == pytest.approx(expected, abs=0.01)


def test_cohorts_of_one_pace_stray_by_chance_alone_and_others_do_not():
    """By hand: G is 0, .5, 1 over three cells; mean places .25 and .75 of 12 each: 2 x 12 x 12 x .25^2 = 18."""
    growth = np.array([0.0, 0.5, 1.0])
    same = np.array([[0.0, 6.0, 6.0], [0.0, 6.0, 6.0]])
    assert ladder.spread_of_pace(same, growth) == (0.0, 1.0)
    apart = np.array([[0.0, 12.0, 0.0], [0.0, 0.0, 12.0]])
    spread, odds = ladder.spread_of_pace(apart, growth)
    assert spread == pytest.approx(((18 - 2) / (12 * 24)) ** 0.5)
    assert odds == pytest.approx(np.exp(-9))  # chi-square of two degrees: exp(-x / 2)


def test_a_pace_is_compared_between_two_cohorts_of_ten_conversions_at_least():
    growth = np.array([0.0, 0.5, 1.0])
    early, late, few = [0.0, 10.0, 0.0], [0.0, 0.0, 10.0], [0.0, 0.0, 9.0]
    assert ladder.spread_of_pace(np.array([early, late]), growth)[1] < 0.001
    assert ladder.spread_of_pace(np.array([early, few]), growth)[1] == 1.0


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(0, 3)), st.integers(1, 9)),
            min_size=1,
            max_size=6,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_growth_rises_to_one_and_a_forecast_keeps_what_was_seen(rows):
    members = [
        [(until, None if came is None else min(came, until), n) for until, came, n in row] for row in rows
    ]
    known = cohorts(*members)
    growth = ladder.growth(known)
    assert (np.diff(growth) >= 0).all()
    assert (growth[0] >= 0, growth[-1]) == (True, 1)
    found = ladder.forecast(ladder.ladder(known), known.watched[0], known.settled[0])
    n, came = known.watched[0].sum(), known.settled[0].sum()
    assert came <= found.expected_low <= found.expected_high <= n
    assert 0 <= found.low <= found.high <= 1
