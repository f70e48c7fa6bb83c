"""The pieces: the pooled regression against statsmodels, G against counting, t2 against its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit
from scipy.stats import norm

from funnel.dispute.columns import learn
from funnel.dispute.logistic import FIXED, FIXED_VARIANCE, fit
from funnel.dispute.shrink import Prior, between, posterior, shift, tau2
from funnel.dispute.timing import timing


def design(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), random.normal(size=(n, 2))])
    return x, (random.random(n) < expit(x @ [-0.5, 0.8, -0.4])).astype(float)


def test_with_a_wide_prior_the_coefficients_are_those_of_statsmodels() -> None:
    x, y = design(20_000, 1)
    found = fit(x, y, np.full(3, FIXED), np.ones(len(y)))
    reference = sm.Logit(y, x).fit(disp=0)
    np.testing.assert_allclose(found.beta, reference.params, atol=2e-4)
    np.testing.assert_allclose(np.sqrt(np.diag(found.cover)), reference.bse, rtol=1e-3)


def test_the_fit_is_where_the_penalised_score_is_nought() -> None:
    x, y = design(300, 2)
    found = fit(x, y, np.full(3, FIXED), np.ones(len(y)))
    score = x.T @ (y - expit(x @ found.beta))
    np.testing.assert_allclose(score[1:], found.beta[1:] / FIXED_VARIANCE, atol=1e-7)
    assert score[0] == pytest.approx(0.0, abs=1e-3)


def test_young_rows_count_as_far_as_they_were_watched() -> None:
    random = np.random.default_rng(3)
    x, y = design(60_000, 3)
    exposure = random.choice([0.3, 1.0], len(y))
    seen = y * (random.random(len(y)) < exposure)
    found = fit(x, seen, np.full(3, FIXED), exposure)
    np.testing.assert_allclose(found.beta, [-0.5, 0.8, -0.4], atol=0.06)


def test_levels_without_an_effect_are_pooled_to_the_mean_and_real_ones_are_kept() -> None:
    random = np.random.default_rng(4)
    level = random.integers(20, size=8000)
    dummies = np.eye(20)[level]
    effects = random.normal(0, 1.0, 20)
    x, block = np.column_stack([np.ones(8000), dummies]), np.array([FIXED] + [0] * 20)
    none = fit(x, (random.random(8000) < 0.3).astype(float), block, np.ones(8000))
    some = fit(x, (random.random(8000) < expit(effects[level])).astype(float), block, np.ones(8000))
    assert none.variance[0] < 0.01
    assert some.variance[0] == pytest.approx(effects.var(), rel=0.3)


def test_a_level_that_the_baseline_lacks_is_the_mean_level_and_is_reported() -> None:
    rows = pd.DataFrame({"channel": ["a"] * 5 + ["b"] * 5, "score": np.arange(10.0)})
    columns = learn(rows)
    new = pd.DataFrame({"channel": ["c", "a"], "score": [5.0, np.nan]})
    assert columns.of(new).shape[1] == len(columns.block)
    assert columns.unseen(new) == {"channel": 0.5}
    assert set(columns.variance(np.array([0.1, 0.2, 0.3]))) == {"score", "channel"}


def test_constant_and_missing_attributes_give_no_columns() -> None:
    rows = pd.DataFrame({"channel": ["a"] * 4, "score": [50.0] * 4, "region": [None] * 4})
    assert learn(rows).of(rows).shape == (4, 1)


def test_g_of_one_class_is_the_share_of_converters_by_then() -> None:
    days = np.array([10.0, 20.0, 30.0, 40.0, np.nan, np.nan])
    found = timing(days, np.full(6, 90.0), np.zeros(6, dtype=np.int64), 90.0)
    assert found is not None
    ages = np.array([9.9, 10.0, 25.0, 40.0, 90.0])
    assert found.share(ages, np.zeros(5, dtype=np.int64)).tolist() == pytest.approx([0, 0.25, 0.5, 1, 1])
    # a class that no converter is of leans wholly on all
    assert found.share(ages, np.ones(5, dtype=np.int64)).tolist() == pytest.approx([0, 0.25, 0.5, 1, 1])


def one(tau2: float) -> Prior:
    return Prior(np.array([tau2]), np.ones(1))


def test_the_influence_of_the_converters_on_g_adds_to_nought_and_gives_the_binomial_error() -> None:
    random = np.random.default_rng(5)
    days = random.uniform(0, 90, 400)
    code, age = np.zeros(400, dtype=np.int64), np.full(1, 30.0)
    found = timing(days, np.full(400, 90.0), code, 90.0)
    assert found is not None
    moved = found.influence(days, code, age, np.zeros(1, dtype=np.int64), np.ones(1))
    share = float(found.share(age, np.zeros(1, dtype=np.int64))[0])
    assert moved.sum() == pytest.approx(0.0, abs=1e-9)
    assert (moved**2).sum() == pytest.approx(share * (1 - share) / 400, rel=1e-6)


def test_without_anybody_watched_to_the_horizon_the_pace_is_not_known() -> None:
    assert timing(np.array([1.0]), np.array([89.9]), np.zeros(1, dtype=np.int64), 90.0) is None
    assert timing(np.array([np.nan]), np.array([90.0]), np.zeros(1, dtype=np.int64), 90.0) is None


def test_the_variance_between_batches_makes_their_spread_what_it_should_be() -> None:
    random = np.random.default_rng(6)
    group = np.repeat(np.arange(60), 200)
    rate = expit(-0.5 + random.normal(0, 0.3, 60))[group]
    y = (random.random(len(group)) < rate).astype(float)
    base = y.mean()
    score, information = y - base, np.full(len(y), base * (1 - base))
    found = tau2(score, information, group)
    assert np.sqrt(found) == pytest.approx(0.3, abs=0.06)
    total, size = np.bincount(group, score), np.bincount(group, information)
    assert (total**2 / (size + size**2 * found)).sum() == pytest.approx(59.0)


def test_batches_that_differ_by_chance_alone_have_no_variance_between_them() -> None:
    group = np.repeat(np.arange(30), 100)
    y = np.tile(np.repeat([0.0, 1.0], 50), 30)
    assert tau2(y - 0.5, np.full(3000, 0.25), group) == 0.0
    assert tau2(y[:100] - 0.5, np.full(100, 0.25), group[:100]) == 0.0


def test_how_far_batches_differ_is_known_from_many_and_stays_open_with_two() -> None:
    random = np.random.default_rng(8)
    many = np.repeat(np.arange(80), 300)
    rate = expit(random.normal(0, 0.3, 80))[many]
    y = (random.random(len(many)) < rate).astype(float)
    known = between(y - 0.5, np.full(len(y), 0.25), many)
    assert np.sqrt(known.variance) == pytest.approx(0.3, abs=0.05)
    two = many < 2
    few = between(y[two] - 0.5, np.full(int(two.sum()), 0.25), many[two])
    assert few.weight @ few.tau2**2 - few.variance**2 > 10 * (
        known.weight @ known.tau2**2 - known.variance**2
    )
    assert between(y - 0.5, np.full(len(y), 0.25), many, extra=0.5).variance == pytest.approx(
        known.variance + 0.5
    )


def test_without_data_quality_is_nought_and_with_much_it_is_what_is_seen() -> None:
    eta = np.zeros(2000)
    none = shift(eta[:1], np.zeros(1), np.zeros(1))
    assert posterior(none, one(0.01), 0.05)[0] == pytest.approx(0.0, abs=1e-6)
    much = shift(eta, np.ones(2000), (np.arange(2000) < 500).astype(float))
    effect, wide = posterior(much, one(0.01), 0.0)
    assert effect == pytest.approx(-0.25, abs=0.005)
    assert much.unshrunk == pytest.approx(np.log(1 / 3), abs=0.01)
    assert wide > 0.999


def test_the_posterior_is_that_of_two_normals_worked_by_hand() -> None:
    """A shift seen as -0.5 with error 0.2 (normal), prior .75 N(0, .04) + .25 N(0, 1.04)."""
    much = shift(np.zeros(100), np.ones(100), (np.arange(100) < 38).astype(float))
    seen, error = much.unshrunk, 1 / np.sqrt(100 * 0.38 * 0.62)
    weight = [
        0.75 * norm.pdf(seen, 0, np.hypot(0.2, error)),
        0.25 * norm.pdf(seen, 0, np.hypot(np.sqrt(1.04), error)),
    ]
    _, wide = posterior(much, one(0.04), 0.0)
    assert wide == pytest.approx(weight[1] / sum(weight), abs=0.01)
