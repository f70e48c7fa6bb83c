"""The population stability index: by hand, at its threshold, and how often chance alone exceeds it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from funnel.metrics.score import shift


def test_the_index_and_its_threshold_by_hand() -> None:
    found = shift.psi([50, 50], [60, 40])
    assert found.psi == pytest.approx(0.1 * np.log(60 / 50) - 0.1 * np.log(40 / 50))
    assert found.threshold == pytest.approx(3.841459 * (1 / 100 + 1 / 100))  # chi-square table, 1 degree, 5 %
    assert found.n_bins == 2
    assert found.most == 1
    assert found.psi < found.threshold
    assert found.p_value > 0.05


def test_the_threshold_shrinks_with_the_size_of_the_smaller_side() -> None:
    sizes = [shift.psi([n, n, n], [n, n, n]).threshold for n in (100, 1000)]
    assert sizes == pytest.approx([5.991465 * 2 / 300, 5.991465 * 2 / 3000])


def test_both_directions_are_the_same_and_no_change_is_none() -> None:
    one, other = shift.psi([30, 50, 20], [90, 70, 40]), shift.psi([90, 70, 40], [30, 50, 20])
    assert one.psi == pytest.approx(other.psi)
    assert shift.psi([30, 50, 20], [60, 100, 40]).psi == pytest.approx(0.0)


def test_a_bin_that_is_empty_on_one_side_leaves_it_finite_and_one_empty_on_both_is_none() -> None:
    found = shift.psi([50, 50, 0, 0], [40, 40, 20, 0])
    p, q = np.array([50.5, 50.5, 0.5]) / 101.5, np.array([40.5, 40.5, 20.5]) / 101.5
    assert found.psi == pytest.approx(((q - p) * np.log(q / p)).sum())
    assert found.n_bins == 3


def test_with_one_bin_nothing_can_move() -> None:
    found = shift.psi([100], [250])
    assert (found.psi, found.n_bins) == (0.0, 1)
    assert np.isnan(found.p_value)


@pytest.mark.parametrize(("n", "m"), [(1300, 1100), (400, 150)])
def test_without_a_change_chance_exceeds_the_threshold_in_about_one_of_twenty(n: int, m: int) -> None:
    rng, beyond = np.random.default_rng(n), 0
    for _ in range(600):
        old, new = (rng.normal(60, 12, size).round() for size in (n, m))
        found = shift.psi(*shift._bins(old, new)[0])
        beyond += found.psi > found.threshold
    assert 0.025 <= beyond / 600 <= 0.08


def test_a_change_of_a_third_of_a_deviation_is_found() -> None:
    rng = np.random.default_rng(6)
    found = shift.psi(*shift._bins(rng.normal(0, 1, 800), rng.normal(0.33, 1, 800))[0])
    assert found.psi > found.threshold
    assert found.p_value < 0.001


def test_numbers_are_counted_in_tenths_of_the_reference_and_equal_ones_together() -> None:
    counts, labels = shift._bins(np.arange(100.0), np.array([0.0, 9.0, 10.0, 99.0, 500.0]))
    assert counts[0].tolist() == [10] * 10
    assert counts[1].tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert (labels[0], labels[1], labels[-1]) == ("up to 9", "over 9 to 19", "over 89")
    few, names = shift._bins(np.repeat([1.0, 2.0], [95, 5]), np.repeat([1.0, 2.0], [50, 50]))
    assert few.tolist() == [[95, 5], [50, 50]]
    assert names == ["up to 1", "over 1"]


def test_a_missing_category_is_a_level_and_rare_ones_are_counted_together() -> None:
    old = pd.Series(["a"] * 60 + [None] * 30 + ["b"] * 5 + ["c"] * 5)
    new = pd.Series(["a"] * 70 + [None] * 24 + ["b"] * 4 + ["d"] * 2)
    counts, labels = shift._levels(old, new)
    found = {name: tuple(pair) for name, pair in zip(labels, counts.T.tolist(), strict=True)}
    assert found == {"a": (60, 70), shift.MISSING: (30, 24), shift.OTHER: (10, 6)}


@pytest.mark.parametrize(("n", "state"), [(99, "refused"), (100, "ok")])
def test_a_hundred_known_values_on_each_side_are_enough_and_one_fewer_is_not(n: int, state: str) -> None:
    old = pd.DataFrame(
        {
            "score": [*np.arange(float(n)), np.nan, np.nan],
            "channel": ["a", "b"] * (n // 2) + ["a"] * (n % 2) + [None] * 2,
        }
    )
    new = pd.DataFrame({"score": np.arange(200.0), "channel": ["a", "b"] * 100})
    for name in ("score", "channel"):
        for sides in ((old, new), (new, old)):
            row = shift._row(name, *sides)
            assert row["state"] == state
            assert ("psi" in row) == (state == "ok")
    why = "99 hand-offs of a side have a known value; at least 100 are needed"
    assert shift._row("score", old, new)["note"] == (None if state == "ok" else why)


def test_a_level_of_which_five_are_expected_stands_alone_and_one_of_fewer_does_not() -> None:
    old, new = pd.Series(["a"] * 95 + ["b"] * 5), pd.Series(["a"] * 95 + ["b"] * 5)
    assert shift._levels(old, new)[1] == ["a", "b"]
    fewer = pd.Series(["a"] * 96 + ["b"] * 4)
    assert shift._levels(old, fewer)[1] == ["a", shift.OTHER]
