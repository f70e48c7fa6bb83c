"""How a lead was worked until the landmark, its outcome or its exit, whichever came first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from funnel.dispute.columns import bends
from funnel.dispute.logistic import FIXED
from funnel.dispute.sample import Sample, numbers

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

CLASSES = ("never touched", "late", "prompt, few touches", "prompt", "not yet known")
NEVER, LATE, FEW, PROMPT = range(4)
NOT_YET = -1
KNOTS = (0.33, 0.67)
SHORTEST = 1 / 48  # days
MOST_POWER = 3.0


@dataclass(frozen=True)
class FollowUp:
    """What is usual in the baseline: speed of the first touch, and touches by a day.

    `late_hours` is the median business hours to first touch. Of touched leads 1 + `scale` * day ** `power`
    touches are usual by a day.
    """

    late_hours: float
    knots: Floats
    centre: float
    scale: float
    power: float

    @property
    def block(self) -> Codes:
        """The block of each of `columns`."""
        return np.array([FIXED] * 3 + [0] * (len(self.knots) + 1) + [FIXED] * 3, dtype=np.int64)

    def columns(self, sample: Sample, level: Floats) -> Floats:
        """Return never touched, speed and pace, their bends, and the three by the lead's own prospects.

        `level` is the linear predictor from attributes alone, centred: follow-up may matter more for some.
        """
        speed, touched = _speed(sample.rows), _touched(sample.rows)
        never = (~touched).astype(float)
        fast = np.where(touched, self.centre - speed, 0.0)
        pace = np.where(touched, np.log(_touches(sample.rows) / self.usual(sample)), 0.0)
        bent = np.where(touched[:, None], bends(-speed, -self.knots)[:, 1:], 0.0)
        by_level = np.column_stack([never, fast, pace]) * level[:, None]
        return np.column_stack([never, fast, pace, bent, np.maximum(pace, 0.0), by_level])

    def usual(self, sample: Sample) -> Floats:
        """Return the usual touches of a touched lead by the day on which touches ceased to be owed.

        Compared with these, a lead that converted or was rejected early was not worked less for it.
        """
        return np.asarray(1.0 + self.scale * np.maximum(sample.cut, SHORTEST) ** self.power)

    def classes(self, sample: Sample) -> Codes:
        """Return the class of each hand-off, as a place in CLASSES.

        NOT_YET where the source records no touches, or the lead is untouched and younger than the landmark.
        """
        hours, few = numbers(sample.rows, "touch_hours"), _touches(sample.rows) < self.usual(sample)
        code = np.where(hours > self.late_hours, LATE, np.where(few, FEW, PROMPT))
        code = np.where(_touched(sample.rows), code, np.where(sample.is_waiting, NOT_YET, NEVER))
        return np.where(sample.is_followed, code, NOT_YET).astype(np.int64)


def usual(baseline: Sample) -> FollowUp | None:
    """Return what is usual in a baseline; None where its source records no touch at all."""
    touched = _touched(baseline.rows) & baseline.is_followed
    if not touched.any():
        return None
    speed = _speed(baseline.rows)[touched]
    knots = np.unique(np.quantile(speed, KNOTS))
    inside = knots[(knots > speed.min()) & (knots < speed.max())]
    scale, power = _growth(baseline.cut[touched], _touches(baseline.rows)[touched])
    late = float(np.median(numbers(baseline.rows, "touch_hours")[touched]))
    return FollowUp(late, inside, float(speed.mean()), scale, power)


def _speed(rows: pd.DataFrame) -> Floats:
    return np.log1p(np.maximum(np.nan_to_num(numbers(rows, "touch_hours")), 0.0))


def _touched(rows: pd.DataFrame) -> NDArray[np.bool_]:
    return np.asarray(~np.isnan(numbers(rows, "touch_hours")))


def _touches(rows: pd.DataFrame) -> Floats:
    return np.maximum(np.nan_to_num(numbers(rows, "n_touches")), 1.0)


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
