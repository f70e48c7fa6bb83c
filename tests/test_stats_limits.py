"""The curves of a funnel plot against the oracle of FunnelPlotR, at both levels and with over-dispersion."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from funnel import stats

ORACLE = Path(__file__).parents[2] / "shared" / "oracles" / "expected_FunnelPlotR.json"
LEVELS = {"95": stats.WARNING_Z, "998": stats.LIMIT_Z}


@pytest.fixture(scope="module")
def oracle():
    if not ORACLE.is_file():
        pytest.skip("the oracles (../shared) are not beside this checkout")
    return json.loads(ORACLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "prefix"), [("PR_tau2_0", ""), ("PR_tau2_0.02", "od")])
@pytest.mark.parametrize("level", LEVELS)
def test_the_curves_equal_funnelplotr(oracle, name: str, prefix: str, level: str) -> None:
    """Target 0.2, 10 to 1,000 trials. R rounds z to 1.959964 and 3.090232.

    Without over-dispersion R squares the sine of a negative angle at 10 trials, 99.8 %; here it is cut at 0.
    """
    rows = oracle["limits"][name]
    low, high = stats.limits_at(0.2, float(name.rpartition("_")[2].removeprefix("tau2") or 0),
                                [row["number_seq"] for row in rows], z=LEVELS[level])  # fmt: skip
    expected = np.array([row[f"{prefix}ll{level}"] for row in rows])
    if (name, level) == ("PR_tau2_0", "998"):
        expected[0] = 0.0
    np.testing.assert_allclose(low, expected, atol=3e-8)
    np.testing.assert_allclose(high, [row[f"{prefix}ul{level}"] for row in rows], atol=4e-8)


def test_the_limits_of_groups_lie_on_the_curves() -> None:
    x, n = np.array([30, 5, 90, 2]), np.array([100, 40, 150, 8])
    found = stats.funnel_limits(x, n)
    low, high = stats.limits_at(found.target, found.tau2, n)
    assert found.tau2 > 0
    np.testing.assert_array_equal((found.low, found.high), (low, high))


def test_winsorised_scores_give_phi_and_tau2_by_hand() -> None:
    """Twelve groups of 100 around 1/2 on the arcsine scale, error 0.05.

    The extreme ones are drawn in to the 10 % and 90 % quantiles before squares are taken.
    """
    x = np.array([20, 44, 47, 48, 49, 50, 50, 51, 52, 53, 56, 80])
    z = (np.arcsin(np.sqrt(x / 100)) - np.pi / 4) / 0.05
    cut = np.clip(z, *np.quantile(z, [0.1, 0.9]))
    phi = float((cut**2).mean())
    tau2 = (12 * phi - 11) / (12 * 400 - 400) if 12 * phi > 11 else 0.0
    found = stats.funnel_limits(x, np.full(12, 100))
    assert (found.phi, found.tau2) == (pytest.approx(phi, abs=1e-12), pytest.approx(tau2, abs=1e-12))
    assert float((z**2).mean()) > 3 * phi


def test_nobody_has_no_limits() -> None:
    low, high = stats.limits_at(0.2, 0.0, [0, 100])
    assert np.isnan([low[0], high[0]]).all()
    assert not np.isnan([low[1], high[1]]).any()
