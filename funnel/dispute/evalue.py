"""The E-value: how strong an unrecorded reason would have to be to explain a ratio of rates away."""

from __future__ import annotations

import math


def e_value(ratio: float) -> float:
    """Return the E-value of a ratio of two rates (VanderWeele and Ding 2017); null for an undefined ratio.

    An unrecorded reason would have to multiply, by at least this much each, both how a lead was worked and
    whether it converts, beyond all that is recorded. RR + sqrt(RR (RR - 1)), of 1 / RR below 1.
    """
    if math.isnan(ratio) or ratio < 0:
        return math.nan
    if ratio == 0 or math.isinf(ratio):
        return math.inf
    above = max(ratio, 1 / ratio)
    return above + math.sqrt(above * (above - 1))


def e_value_of_limit(low: float, high: float) -> float:
    """Return the E-value of the limit nearest to 1 of an interval of a ratio; 1 where it holds 1."""
    if math.isnan(low) or math.isnan(high):
        return math.nan
    if low <= 1 <= high:
        return 1.0
    return e_value(high if high < 1 else low)
