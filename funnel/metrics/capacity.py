"""What reps can work against what arrives: load by week, and whether attainment falls where it is high."""

from __future__ import annotations

from funnel.metrics.capacity_level import levels as levels
from funnel.metrics.capacity_level import trend as trend
from funnel.metrics.capacity_week import reps as reps
from funnel.metrics.capacity_week import weeks as weeks
