"""What the funnel did, as tables: every metric is a function `con -> DataFrame` over the marts.

Each module answers one question (conversion, velocity, quality, handoff, kpi, recycle, overlap, finding,
health); docs/metrics.md lists grain, columns and convention of each. Rates are 0-1 and stand with n and an
interval; undefined is null, never 0; what is too young says so (`is_mature`, `observed_share`).
"""

from __future__ import annotations
