"""Areas under the ROC curve against pairs counted one by one, and against simulated truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from funnel.metrics.score import order, rank


def half_points(cases: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return for each pair 1 where the case has the higher score, 0.5 where they tie."""
    return np.array([[1.0 if a > b else 0.5 if a == b else 0.0 for b in others] for a in cases])


def by_pairs(y: np.ndarray, *scores: np.ndarray) -> tuple[list[float], np.ndarray]:
    """Return areas and DeLong's covariance from the pairs themselves."""
    tables = [half_points(score[y == 1], score[y == 0]) for score in scores]
    rows = np.array([table.mean(axis=1) for table in tables])
    columns = np.array([table.mean(axis=0) for table in tables])
    m, n = tables[0].shape
    a = np.array([[sum((p - p.mean()) * (q - q.mean())) / (m - 1) for q in rows] for p in rows])
    b = np.array([[sum((p - p.mean()) * (q - q.mean())) / (n - 1) for q in columns] for p in columns])
    return [float(table.mean()) for table in tables], a / m + b / n


@pytest.mark.parametrize("seed", range(6))
def test_areas_and_their_covariance_equal_those_of_the_pairs_counted_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(60) < 0.3).astype(float)
    y[:4] = (0, 0, 1, 1)
    one, other = rng.integers(0, 12, 60).astype(float), rng.normal(size=60) + y
    found = rank.area(y, one, other)
    values, covariance = by_pairs(y, one, other)
    assert found.value == pytest.approx(values, abs=1e-12)
    assert found.value[1] == pytest.approx(roc_auc_score(y, other), abs=1e-12)
    assert found.covariance == pytest.approx(covariance, abs=1e-12)
    assert (found.n_pairs, found.n_smaller) == (y.sum() * (1 - y).sum(), min(y.sum(), (1 - y).sum()))


def test_a_small_example_by_hand() -> None:
    # cases 3, 1; others 2, 1: pairs 1, 1, 0, .5 -> 2.5 of 4
    found = rank.area([1, 1, 0, 0], [3, 1, 2, 1])
    assert found.value[0] == 0.625
    # by case 1 and .25, by other .5 and .75: variances .28125 / 2 + .03125 / 2
    assert found.covariance[0, 0] == pytest.approx(0.15625)


def test_the_order_of_the_rows_and_the_scale_of_the_score_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    y, score = (rng.random(80) < 0.4).astype(float), rng.integers(0, 30, 80).astype(float)
    moved = rng.permutation(80)
    one, other = rank.area(y, score), rank.area(y[moved], np.exp(score[moved] / 7))
    assert other.value == pytest.approx(one.value, abs=1e-12)
    assert other.covariance == pytest.approx(one.covariance, abs=1e-12)


def test_within_classes_only_pairs_of_the_same_class_count() -> None:
    rng = np.random.default_rng(2)
    y, score = (rng.random(90) < 0.4).astype(float), rng.integers(0, 9, 90).astype(float)
    classes = rng.choice(["late", "prompt", "never touched"], 90)
    points, n, variance = 0.0, 0, 0.0
    for name in set(classes):
        own = classes == name
        table = half_points(score[own & (y == 1)], score[own & (y == 0)])
        points, n = points + table.sum(), n + table.size
        variance += table.size**2 * by_pairs(y[own], score[own])[1][0, 0]
    found = rank.within(y, classes, score)
    assert found.n_pairs == n
    assert found.value[0] == pytest.approx(points / n, abs=1e-12)
    assert found.covariance[0, 0] == pytest.approx(variance / n**2, abs=1e-12)


def test_a_class_with_one_case_on_a_side_is_left_out_and_with_two_is_not() -> None:
    y, score = [1, 0, 0, 1, 1, 0, 0], [9, 1, 2, 1, 3, 2, 0]
    found = rank.within(y, ["a"] * 3 + ["b"] * 4, score)
    assert found.n_pairs == 4
    assert found.value[0] == rank.area(y[3:], score[3:]).value[0]
    alone = rank.within(y[:3], ["a"] * 3, score[:3])
    assert np.isnan(alone.value[0])
    assert alone.interval() == pytest.approx((np.nan, np.nan), nan_ok=True)


def test_without_a_case_or_without_another_there_is_no_area() -> None:
    for y in ([0, 0, 0], [1, 1, 1]):
        found = rank.area(y, [1, 2, 3])
        assert np.isnan(found.value[0])
        assert found.n_pairs == 0
    single = rank.area([1, 0, 0], [3, 1, 2])
    assert single.value[0] == 1.0
    assert np.isnan(single.interval()[0])


def test_a_perfect_score_is_near_one_and_its_interval_says_of_how_few() -> None:
    found = rank.area([1] * 10 + [0] * 30, range(40, 0, -1))
    low, high = found.interval()
    assert found.value[0] == 1.0
    assert (low, high) == pytest.approx((0.7225, 1.0), abs=1e-4)  # Wilson, 10 of 10
    worst = rank.area([1] * 10 + [0] * 30, range(40))
    assert worst.interval() == pytest.approx((0.0, 0.2775), abs=1e-4)


def test_the_interval_covers_the_true_area_as_often_as_it_says() -> None:
    from scipy.stats import norm

    rng, inside, truth = np.random.default_rng(7), 0, float(norm.cdf(0.8 / np.sqrt(2)))
    for _ in range(400):
        y = np.repeat([1.0, 0.0], [40, 110])
        low, high = rank.area(y, rng.normal(size=150) + 0.8 * y).interval()
        inside += low <= truth <= high
    assert 0.925 <= inside / 400 <= 0.975


def test_two_scores_of_the_same_cases_differ_by_chance_alone_as_often_as_the_interval_says() -> None:
    rng, apart = np.random.default_rng(8), 0
    for _ in range(300):
        y = np.repeat([1.0, 0.0], [50, 120])
        common = rng.normal(size=170) + 0.5 * y
        one, other = common + rng.normal(size=170), common + rng.normal(size=170)
        change, low, high = rank.area(y, one, other).difference()
        assert low <= change <= high
        apart += low > 0 or high < 0
    assert apart / 300 <= 0.085


def steered(rng: np.random.Generator, n: int = 1500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome, class of follow-up and a score that knows nothing of the lead but steers the work."""
    score = rng.integers(40, 100, n).astype(float)
    worked = rng.random(n) < 1 / (1 + np.exp(-(score - 70) / 8))
    prompt = worked & (rng.random(n) < 0.5)
    y = rng.random(n) < np.where(prompt, 0.45, np.where(worked, 0.3, 0.06))
    return y.astype(float), np.where(prompt, "prompt", np.where(worked, "late", "never touched")), score


def test_a_useless_score_that_steers_follow_up_looks_good_overall_and_is_found_out_within_class() -> None:
    rng, overall, inside, covered = np.random.default_rng(11), [], [], 0
    for _ in range(60):
        y, classes, score = steered(rng)
        overall.append(rank.area(y, score).value[0])
        found = rank.within(y, classes, score)
        inside.append(found.value[0])
        low, high = found.interval()
        covered += low <= 0.5 <= high
    assert np.mean(overall) > 0.58
    assert np.mean(inside) == pytest.approx(0.5, abs=0.01)
    assert covered >= 54


def test_bands_never_part_equal_scores_and_are_even_without_ties() -> None:
    assert np.bincount(rank.bands(np.arange(50.0), 10)).tolist() == [5] * 10
    assert rank.bands([7, 7, 7, 7], 5).tolist() == [2] * 4
    assert rank.bands([1, 1, 1, 1, 1, 1, 1, 1, 2, 3], 10).tolist() == [4] * 8 + [8, 9]


def test_lift_and_gains_by_hand() -> None:
    y = [1, 1, 1, 0] + [1, 0, 0, 0] * 2 + [0] * 28  # 5 of 40, highest score first
    frame = order.lifts(range(40, 0, -1), y)
    assert frame["decile"].tolist() == list(range(1, 11))
    assert frame["n"].tolist() == [4] * 10
    assert frame["n_converted"].tolist() == [3, 1, 1] + [0] * 7
    assert frame["lift"].head(3).tolist() == pytest.approx([6.0, 2.0, 2.0])  # 3/5 over 4/40
    assert frame["gain"].tolist() == pytest.approx([0.6, 0.8] + [1.0] * 8)
    assert frame["share_above"].tolist() == pytest.approx([at / 10 for at in range(1, 11)])
    assert (frame["score_low"][0], frame["score_high"][0]) == (37, 40)
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(3, 5, method="wilson")
    assert (frame["gain_low"][0], frame["gain_high"][0]) == pytest.approx((low, high))
    assert (frame["lift_low"][0], frame["lift_high"][0]) == pytest.approx((low * 10, high * 10))


def test_a_score_that_ranks_nobody_has_a_lift_of_one() -> None:
    rng = np.random.default_rng(3)
    y, score = (rng.random(20_000) < 0.3).astype(float), rng.random(20_000)
    frame = order.lifts(score, y)
    assert frame["lift"].to_numpy() == pytest.approx(np.ones(10), abs=0.12)
    assert ((frame["lift_low"] < 1) & (frame["lift_high"] > 1)).sum() >= 8
    assert isinstance(frame, pd.DataFrame)
