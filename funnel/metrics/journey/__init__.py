"""Journey funnels over any events: touches, activities, stage visits, exits, or a frame of your own.

`step` and `exclusion` say what counts (`match` for a frame of your own); `funnel` counts how far persons
came, `persons` lists them, `times` and `bins` say how long it took, `levels` gives each person's level.
"""

from __future__ import annotations

from funnel.metrics.journey.person import bins, levels, persons, times
from funnel.metrics.journey.step import Exclusion, Step, exclusion, match, step
from funnel.metrics.journey.table import funnel

__all__ = ["Exclusion", "Step", "bins", "exclusion", "funnel", "levels", "match", "persons", "step", "times"]
