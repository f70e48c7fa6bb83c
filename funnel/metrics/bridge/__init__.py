"""Bridges: from one number to another, line by line, so that the lines add exactly.

`counts` leads from marketing's count of a stage to sales' count, `pipeline` from the pipeline at the start of
a span to that at its end, `change` from a KPI before to the same KPI now. `count_rows` and `pipeline_rows`
list what is behind a line, for analysts. docs/bridges.md lists grain, columns and convention of each.
"""

from __future__ import annotations

from funnel.metrics.bridge.change import change
from funnel.metrics.bridge.counts import count_rows, counts
from funnel.metrics.bridge.pipeline import pipeline, pipeline_rows

__all__ = ["change", "count_rows", "counts", "pipeline", "pipeline_rows"]
