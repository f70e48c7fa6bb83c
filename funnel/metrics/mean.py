"""The interval of a mean: Student's t from the mean, the standard deviation and the number behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from funnel.stats import LEVEL

if TYPE_CHECKING:
    from funnel.stats import Floats

Z = 1.959963984540054


def interval(
    means: pd.Series[float], spreads: pd.Series[float], n: pd.Series[int], *, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Return mean -+ t sd / sqrt(n) of each row, cut at 0 (the means are amounts and times); null below 2."""
    from scipy.stats import t

    sizes = n.astype("float64").where(n > 1)
    reach = t.ppf(0.5 + level / 2, sizes - 1) * spreads / np.sqrt(sizes)
    return np.maximum(means - reach, 0.0).to_numpy(), (means + reach).to_numpy()


def spread(sums: pd.Series[float], squares: pd.Series[float], n: pd.Series[int]) -> pd.Series[float]:
    """Return the standard deviation of each row's cases from their sum and sum of squares; null below 2."""
    sizes = n.astype("float64").where(n > 1)
    left = (squares - sums**2 / sizes).clip(lower=0) / (sizes - 1)
    return left**0.5
