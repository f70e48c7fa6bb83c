"""How a lead was worked until the landmark, its outcome or its exit, whichever came first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel.dispute.columns import bends
from funnel.dispute.logistic import FIXED
from funnel.dispute.sample import Sample, numbers
from funnel.metrics import follow_up
from funnel.metrics.follow_up import CLASSES, NEVER, NOT_YET, Pace

__all__ = ["CLASSES", "KNOTS", "NEVER", "NOT_YET", "FollowUp", "usual"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

KNOTS = (0.33, 0.67)


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

    @property
    def pace(self) -> Pace:
        """What is usual, as the classes are told by."""
        return Pace(self.late_hours, self.scale, self.power)

    def usual(self, sample: Sample) -> Floats:
        """Return the usual touches of a touched lead by the day on which touches ceased to be owed."""
        return self.pace.touches(sample.cut)

    def classes(self, sample: Sample) -> Codes:
        """Return the class of each hand-off, as a place in CLASSES (see `metrics.follow_up`)."""
        hours, touches = numbers(sample.rows, "touch_hours"), numbers(sample.rows, "n_touches")
        return self.pace.classes(hours, touches, sample.cut, sample.is_waiting, sample.is_followed)


def usual(baseline: Sample) -> FollowUp | None:
    """Return what is usual in a baseline; None where its source records no touch at all."""
    touched = _touched(baseline.rows) & baseline.is_followed
    if not touched.any():
        return None
    speed = _speed(baseline.rows)[touched]
    knots = np.unique(np.quantile(speed, KNOTS))
    inside = knots[(knots > speed.min()) & (knots < speed.max())]
    hours, touches = (numbers(baseline.rows, name)[touched] for name in ("touch_hours", "n_touches"))
    pace = follow_up.usual(hours, touches, baseline.cut[touched])
    return FollowUp(pace.late_hours, inside, float(speed.mean()), pace.scale, pace.power)


def _speed(rows: pd.DataFrame) -> Floats:
    return np.log1p(np.maximum(np.nan_to_num(numbers(rows, "touch_hours")), 0.0))


def _touched(rows: pd.DataFrame) -> NDArray[np.bool_]:
    return np.asarray(~np.isnan(numbers(rows, "touch_hours")))


def _touches(rows: pd.DataFrame) -> Floats:
    return follow_up.worked(numbers(rows, "n_touches"))
