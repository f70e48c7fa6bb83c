"""What the funnel did, as tables: every metric is a function `con -> DataFrame` over the marts.

Each module answers one question (conversion, velocity, curve, duration, forecast, journey, quality, handoff,
kpi, recycle, overlap, finding, health, attribute); docs/metrics.md, curves.md, journeys.md, handoff.md and
revision.md list grain, columns and convention of each. Rates are 0-1 and stand with n and an
interval; undefined is null, never 0; what is too young says so (`is_mature`, `observed_share`).
"""

from __future__ import annotations
