"""Scores as probabilities: the logistic line by another optimiser, Brier score by hand, known calibration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from funnel.metrics.score import fit, odds


def drawn(seed: int = 0, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.integers(20, 100, n).astype(float)
    return x, (rng.random(n) < expit(-4 + 0.05 * x)).astype(float)


def test_the_logistic_line_is_that_of_another_optimiser() -> None:
    x, y = drawn()

    def loss(line: np.ndarray) -> float:
        at = line[0] + line[1] * (x - 60) / 20
        return float((np.logaddexp(0, at) - y * at).sum())

    other = minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-9})
    slope = other.x[1] / 20
    found = fit.line(x, y)
    assert found is not None
    assert found.slope == pytest.approx(slope, rel=1e-4)
    assert found.intercept == pytest.approx(other.x[0] - 60 * slope, rel=1e-4)
    p = found.of(x)
    information = np.array(
        [[(p * (1 - p) * a * b).sum() for a in (np.ones(len(x)), x)] for b in (np.ones(len(x)), x)]
    )
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    assert (found.intercept_error, found.slope_error) == pytest.approx(tuple(errors), rel=1e-5)
    assert p.sum() == pytest.approx(y.sum())


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1]),
        ([1, 2, 2, 4], [0, 0, 1, 1]),  # parted but for a tie: the slope has no end
        ([4, 3, 2, 1], [0, 0, 1, 1]),
        ([5, 5, 5, 5], [0, 1, 0, 1]),
        ([1, 2, 3, 4], [1, 1, 1, 1]),
    ],
)
def test_there_is_no_line_where_the_score_parts_the_outcomes_or_is_constant(x: list, y: list) -> None:
    assert fit.line(x, y) is None


def test_one_pair_out_of_order_is_enough_for_a_line() -> None:
    assert fit.line([1, 2, 3, 4], [0, 1, 0, 1]) is not None


def test_the_brier_score_and_its_skill_by_hand() -> None:
    found = fit.accuracy([0.1, 0.4, 0.8, 0.5], [0, 0, 1, 1], 0.25)
    assert found.brier[0] == pytest.approx((0.01 + 0.16 + 0.04 + 0.25) / 4)
    assert found.brier_base == pytest.approx((0.0625 * 2 + 0.5625 * 2) / 4)
    assert found.skill[0] == pytest.approx(1 - 0.115 / 0.3125)
    losses = np.array([0.01, 0.16, 0.04, 0.25])
    reach = 1.959964 * losses.std(ddof=1) / 2
    assert found.brier[1:] == pytest.approx((0.115 - reach, 0.115 + reach))


def test_saying_the_earlier_rate_each_time_has_no_skill() -> None:
    found = fit.accuracy([0.3] * 10, [1, 0] * 5, 0.3)
    assert found.skill == (0.0, 0.0, 0.0)
    assert np.isnan(found.slope[0])


def test_the_intercept_is_by_how_much_the_log_odds_are_off() -> None:
    found = fit.accuracy([0.2] * 100, [1] * 30 + [0] * 70, 0.2)
    assert found.intercept[0] == pytest.approx(logit(0.3) - logit(0.2))
    assert found.intercept[2] - found.intercept[0] == pytest.approx(1.959964 / np.sqrt(100 * 0.3 * 0.7))


def test_probabilities_that_hold_have_slope_one_and_overconfident_ones_half_of_it() -> None:
    rng = np.random.default_rng(4)
    truth = rng.normal(-1, 1, 20_000)
    y = (rng.random(20_000) < expit(truth)).astype(float)
    held = fit.accuracy(expit(truth), y, y.mean())
    assert held.slope[0] == pytest.approx(1.0, abs=0.05)
    assert held.intercept[1] < 0 < held.intercept[2]
    bold = fit.accuracy(expit(2 * truth), y, y.mean())
    assert bold.slope[0] == pytest.approx(held.slope[0] / 2)
    assert bold.brier[0] > held.brier[0]
    assert bold.skill[0] < held.skill[0]


def test_the_interval_of_the_slope_covers_one_as_often_as_it_says() -> None:
    rng, inside = np.random.default_rng(5), 0
    for _ in range(200):
        truth = rng.normal(-1, 1, 300)
        y = (rng.random(300) < expit(truth)).astype(float)
        _, low, high = fit.accuracy(expit(truth), y, 0.3).slope
        inside += low <= 1 <= high
    assert 0.91 <= inside / 200 <= 0.99


def test_bands_hold_what_was_said_beside_what_happened() -> None:
    score = np.arange(10.0)
    frame = odds.bands(score, [0, 1] * 5, score / 10)
    assert frame["band"].tolist() == [1, 2, 3, 4, 5]
    assert frame["n"].tolist() == [2] * 5
    assert frame["rate"].tolist() == [0.5] * 5
    assert frame["expected"].tolist() == pytest.approx([0.05, 0.25, 0.45, 0.65, 0.85])
    assert (frame["score_low"].tolist(), frame["score_high"].tolist()) == ([0, 2, 4, 6, 8], [1, 3, 5, 7, 9])
