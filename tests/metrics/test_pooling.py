"""Partial pooling against published figures, a brute integration, and groups whose true rates are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln

from funnel.metrics import pooling

# Tarone (1982), tumours in 71 groups of rats, as Gelman et al. (2013), table 5.1, print them.
RATS_X = [0] * 14 + [1] * 8 + [2] * 9 + [1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10] + [4] * 7
RATS_X += [10, 4, 4, 4, 5, 11, 12, 5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9, 4]
RATS_N = [20] * 7 + [19] * 4 + [18, 18, 17] + [20] * 4 + [19, 19, 18, 18] + [25, 24, 23] + [20] * 6
RATS_N += [10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50] + [20] * 7
RATS_N += [48, 19, 19, 19, 22, 46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 47, 46, 24, 14]


def brute(x, n, low=0.0, high=1.0, steps=900):
    """Integrate over an even grid of the mean and of (a + b)^(-1/2), the whole prior at once."""
    mean = (low + (high - low) * (np.arange(steps) + 0.5) / steps)[:, None]
    root = (0.001 + 0.999 * (np.arange(steps) + 0.5) / steps)[None]
    a, b = mean * root**-2, (1 - mean) * root**-2
    told = sum(betaln(a + i, b + j - i) - betaln(a, b) for i, j in zip(x, n, strict=True))
    weight = np.exp(told - told.max())
    weight /= weight.sum()
    return [float((weight * (a + i) / (a + b + j)).sum()) for i, j in zip(x, n, strict=True)]


def test_the_rats_of_bayesian_data_analysis_have_the_printed_means_of_a_and_b() -> None:
    """Gelman et al. (2013), section 5.3: E(a | y) = 2.4 and E(b | y) = 14.3."""
    prior = pooling._prior(np.array(RATS_X, float), np.array(RATS_N, float))
    assert (len(RATS_X), len(RATS_N)) == (71, 71)
    assert float((prior.weight * prior.a).sum()) == pytest.approx(2.4, abs=0.05)
    assert float((prior.weight * prior.b).sum()) == pytest.approx(14.3, abs=0.05)


def test_a_rat_group_without_tumours_is_drawn_up_and_one_of_many_down() -> None:
    """Figure 5.4 of the book: 0 of 20 lies near .06, 4 of 14 near .21, both off the line of equality."""
    found = pooling.pooled(RATS_X, RATS_N)
    assert found.rate[0] == pytest.approx(0.0636, abs=5e-4)
    assert found.rate[-1] == pytest.approx(0.211, abs=1e-3)
    assert found.mean == pytest.approx(0.144, abs=1e-3)


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        ([3000, 1000], [8000, 4000], 0.0, 1.0),
        ([0, 0, 3], [5, 7, 9], 0.0, 1.0),
        ([50, 5, 0, 9, 100], [400, 60, 12, 20, 2000], 0.0, 0.8),
        ([800, 810, 790, 0], [8000, 8000, 8000, 5], 0.05, 0.16),
    ],
)
def test_the_grid_gives_what_the_whole_integral_gives(x, n, low, high) -> None:
    np.testing.assert_allclose(pooling.pooled(x, n).rate, brute(x, n, low, high), atol=2e-3)


def test_an_interval_is_that_of_the_mixture() -> None:
    """Quantiles of draws from the mixture, for a small, a large and an empty-handed group."""
    x, n = np.array([0, 3, 9, 30, 11.0]), np.array([4, 20, 31, 150, 60.0])
    prior, found = pooling._prior(x, n), pooling.pooled(x, n)
    rng = np.random.default_rng(5)
    at = rng.choice(len(prior.a), size=200_000, p=prior.weight)
    for group in range(5):
        draws = rng.beta(prior.a[at] + x[group], prior.b[at] + n[group] - x[group])
        expected = np.quantile(draws, [0.025, 0.975])
        np.testing.assert_allclose([found.low[group], found.high[group]], expected, atol=0.003)
        assert found.rate[group] == pytest.approx(draws.mean(), abs=0.002)


def test_another_level_gives_a_narrower_interval() -> None:
    wide, narrow = pooling.pooled([3, 9], [10, 20]), pooling.pooled([3, 9], [10, 20], level=0.5)
    assert (wide.low < narrow.low).all()
    assert (narrow.high < wide.high).all()


@pytest.mark.parametrize(("a", "b"), [(20, 60), (200, 600), (2, 20)])
def test_pooled_rates_err_less_than_raw_ones_and_their_intervals_cover(a: float, b: float) -> None:
    """100 worlds of 20 groups of 5 to 149: the squared error falls, and 95 % intervals hold 91 to 99 %."""
    rng = np.random.default_rng(11)
    raw, shrunk, held = [], [], []
    for _ in range(100):
        truth, n = rng.beta(a, b, 20), rng.integers(5, 150, 20)
        x = rng.binomial(n, truth)
        found = pooling.pooled(x, n)
        raw.append(((x / n - truth) ** 2).mean())
        shrunk.append(((found.rate - truth) ** 2).mean())
        held.append(((found.low <= truth) & (truth <= found.high)).mean())
    assert np.mean(shrunk) < 0.62 * np.mean(raw)
    assert 0.91 <= np.mean(held) <= 0.99


def test_small_groups_are_drawn_farther_than_large_ones() -> None:
    found = pooling.pooled([2, 200, 500, 520, 480], [4, 400, 2000, 2000, 2000])
    assert abs(found.rate[0] - 0.5) > abs(found.rate[1] - 0.5)
    assert found.rate[1] == pytest.approx(0.49, abs=0.02)
    assert ((found.low < found.rate) & (found.rate < found.high)).all()


def test_an_empty_group_has_no_rate_and_changes_no_other() -> None:
    alone, beside = pooling.pooled([3, 9], [10, 20]), pooling.pooled([3, 0, 9], [10, 0, 20])
    assert np.isnan([beside.rate[1], beside.low[1], beside.high[1]]).all()
    np.testing.assert_array_equal(beside.rate[[0, 2]], alone.rate)


def test_without_anyone_everything_is_null() -> None:
    for x, n in (([], []), ([0, 0], [0, 0])):
        found = pooling.pooled(x, n)
        assert len(found.rate) == len(n)
        assert np.isnan([*found.rate, *found.low, found.mean, found.spread]).all()


def test_the_columns_are_the_pooled_figures() -> None:
    frame = pooling.with_pooled(pd.DataFrame({"x": [1, 2], "n": [10, 5]}), "x", "n")
    found = pooling.pooled([1, 2], [10, 5])
    assert list(frame) == ["x", "n", "pooled_rate", "pooled_low", "pooled_high"]
    np.testing.assert_array_equal(frame[["pooled_rate", "pooled_low", "pooled_high"]].to_numpy().T,
                                  [found.rate, found.low, found.high])  # fmt: skip
