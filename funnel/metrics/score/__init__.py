"""The lead score: does it rank, is it a probability, has it drifted, which threshold would meet the target.

Always the score as of the hand-off, never today's, on hand-offs whose window is over. `discrimination` and
`lift`: order; `calibration` and `accuracy`: probabilities; `drift`; `thresholds`; `compared` and `inputs`: a
reference score by scikit-learn beside it; `scored`: one row per hand-off, for analysts. A figure that cannot
be told has the state "refused" or "not in this source", and `note` says why.
"""

from __future__ import annotations

from funnel.metrics.score.odds import accuracy, calibration
from funnel.metrics.score.order import discrimination, lift
from funnel.metrics.score.reference import compared, inputs, scored
from funnel.metrics.score.shift import drift
from funnel.metrics.score.threshold import thresholds

__all__ = [
    "accuracy",
    "calibration",
    "compared",
    "discrimination",
    "drift",
    "inputs",
    "lift",
    "scored",
    "thresholds",
]
