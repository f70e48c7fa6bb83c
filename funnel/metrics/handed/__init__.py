"""Each hand-off as it was when made, how it was worked from then on, and what became of it: one row each."""

from __future__ import annotations

from funnel.metrics.handed.query import COURSE, FOLDER, STEPS, handoffs, read

__all__ = ["COURSE", "FOLDER", "STEPS", "handoffs", "read"]
