"""How a lead was worked until the landmark, its outcome or its exit, whichever came first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from funnel.dispute.columns import bends
from funnel.dispute.logistic import FIXED
from funnel.dispute.sample import Sample, numbers

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

CLASSES = ("never touched", "late", "prompt, few touches", "prompt")
NEVER, LATE, FEW, PROMPT = range(4)
NOT_YET = -1
KNOTS = (0.33, 0.67)
CUTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 7.0, 10.0)
MOST_PACE = 3.0


@dataclass(frozen=True)
class FollowUp:
    """What is usual in the baseline: speed of the first touch, and touches by the day counting ended.

    `late_hours` is the median business hours to first touch; `usual` the mean touches by day of counting.
    """

    late_hours: float
    knots: Floats
    centre: float
    cut_days: Floats
    usual: Floats

    @property
    def block(self) -> Codes:
        """The block of each of `columns`."""
        return np.array([FIXED] * 3 + [0] * len(self.knots) + [FIXED] * 2, dtype=np.int64)

    def columns(self, sample: Sample, level: Floats) -> Floats:
        """Return never touched, speed and its bends, pace; and the first two by the lead's own prospects.

        `level` is the linear predictor from attributes alone, centred: follow-up may matter more for some.
        """
        speed, touched = _speed(sample.rows), _touched(sample.rows)
        never = (~touched).astype(float)
        fast = np.where(touched, self.centre - speed, 0.0)
        pace = np.where(touched, self.pace(sample) - 1.0, 0.0)
        bent = np.where(touched[:, None], bends(-speed, -self.knots)[:, 1:], 0.0)
        return np.column_stack([never, fast, pace, bent, never * level, fast * level])

    def pace(self, sample: Sample) -> Floats:
        """Return touches over the usual number by the day on which counting ended."""
        usual = np.interp(sample.cut, self.cut_days, self.usual)
        return np.minimum(_touches(sample.rows) / usual, MOST_PACE)

    def classes(self, sample: Sample) -> Codes:
        """Return the class of each hand-off, as a place in CLASSES.

        NOT_YET where the source records no touches, or the lead is untouched and younger than the landmark.
        """
        hours, few = numbers(sample.rows, "touch_hours"), self.pace(sample) < 1.0
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
    cut_days, mean = _usual_touches(baseline.cut[touched], _touches(baseline.rows)[touched])
    late = float(np.median(numbers(baseline.rows, "touch_hours")[touched]))
    return FollowUp(late, inside, float(speed.mean()), cut_days, mean)


def _speed(rows: pd.DataFrame) -> Floats:
    return np.log1p(np.maximum(np.nan_to_num(numbers(rows, "touch_hours")), 0.0))


def _touched(rows: pd.DataFrame) -> NDArray[np.bool_]:
    return np.asarray(~np.isnan(numbers(rows, "touch_hours")))


def _touches(rows: pd.DataFrame) -> Floats:
    return np.maximum(np.nan_to_num(numbers(rows, "n_touches")), 1.0)


def _usual_touches(cut: Floats, touches: Floats) -> tuple[Floats, Floats]:
    """Return days of counting and the mean number of touches by then, never falling and at least one."""
    edges = np.append([day for day in CUTS if day < cut.max()], cut.max())
    place = np.searchsorted(edges, cut, side="left")
    n = np.bincount(place, minlength=len(edges))
    total = np.bincount(place, touches, minlength=len(edges))
    known = n > 0
    return edges[known], np.maximum.accumulate(np.maximum(total[known] / n[known], 1.0))
