"""How a lead was worked until the landmark, its outcome or its rejection, whichever came first: in classes.

Touches are compared with what is usual by the day on which touches ceased to be owed, so that a lead that
converted or was rejected early was not worked less for it. Audits and scores judge by the same classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

CLASSES = ("never touched", "late", "prompt, few touches", "prompt", "not yet known")
NEVER, LATE, FEW, PROMPT = range(4)
NOT_YET = -1
SHORTEST = 1 / 48  # days
MOST_POWER = 3.0


@dataclass(frozen=True)
class Pace:
    """What is usual: the median business hours to first touch, and 1 + `scale` * day ** `power` touches."""

    late_hours: float
    scale: float
    power: float

    def touches(self, cut: Floats) -> Floats:
        """Return the usual touches of a touched lead by the day on which touches ceased to be owed."""
        return np.asarray(1.0 + self.scale * np.maximum(cut, SHORTEST) ** self.power)

    def classes(
        self, hours: Floats, touches: Floats, cut: Floats, is_waiting: Flags, is_followed: Flags
    ) -> Codes:
        """Return the class of each hand-off, as a place in CLASSES.

        `hours` to first touch (null: never touched); `touches` that count. NOT_YET where the source records
        no touches, or the lead is untouched and younger than the landmark.
        """
        few = worked(touches) < self.touches(cut)
        code = np.where(hours > self.late_hours, LATE, np.where(few, FEW, PROMPT))
        code = np.where(np.isnan(hours), np.where(is_waiting, NOT_YET, NEVER), code)
        return np.where(is_followed, code, NOT_YET).astype(np.int64)


def usual(hours: Floats, touches: Floats, cut: Floats) -> Pace:
    """Return what is usual among touched leads; late is later than their median."""
    return Pace(float(np.median(hours)), *_growth(cut, worked(touches)))


def worked(touches: Floats) -> Floats:
    """Return touches as at least one: a touch known only to have been is one."""
    return np.maximum(np.nan_to_num(touches), 1.0)


def owed_until(days: Floats, rejected: Floats, landmark: float) -> Floats:
    """Return the day on which touches ceased to be owed: landmark, outcome or rejection, the first of them.

    `days` to the outcome and to the rejection, null where there is none. A lead given up otherwise still was
    owed touches until the landmark.
    """
    ends = [np.where(np.isnan(end), np.inf, end) for end in (days, rejected)]
    return np.asarray(np.minimum.reduce([np.full(len(days), landmark), *ends]))


def _growth(cut: Floats, touches: Floats) -> tuple[float, float]:
    """Return scale and power of the usual touches after the first, by Poisson's two moments.

    Events over exposure: a lead watched for less adds less to both, so that an early end biases nothing.
    """
    log, more = np.log(np.maximum(cut, SHORTEST)), touches - 1.0
    if not more.any() or np.ptp(log) == 0:
        return float(more.mean()), 0.0

    def excess(power: float) -> float:
        grown = np.exp(power * log)
        return float((grown * log).sum() * more.sum() / grown.sum() - (more * log).sum())

    if excess(0.0) >= 0:
        return float(more.mean()), 0.0
    power = MOST_POWER if excess(MOST_POWER) <= 0 else float(brentq(excess, 0.0, MOST_POWER))
    return float(more.sum() / np.exp(power * log).sum()), power
