"""Pictures of the tables that metrics return: `table -> plotly Figure`, one module per question.

`show(figure, table)` displays a figure in a notebook and carries its table to the edition; `listing` does so
for a table that needs no figure, `say` for sentences. Every figure has a fixed div id, a rule in words and a
finding as text alternative.
"""

from __future__ import annotations

from funnel.charts import (
    attribution,
    bridge,
    capacity,
    conversion,
    curve,
    duration,
    exhibit,
    forecast,
    handoff,
    journey,
    kpi,
    loop,
    overlap,
    quality,
    recycle,
    score,
    velocity,
    verdict,
)
from funnel.charts.show import Said, Shown, listing, say, show

__all__ = [
    "Said",
    "Shown",
    "attribution",
    "bridge",
    "capacity",
    "conversion",
    "curve",
    "duration",
    "exhibit",
    "forecast",
    "handoff",
    "journey",
    "kpi",
    "listing",
    "loop",
    "overlap",
    "quality",
    "recycle",
    "say",
    "score",
    "show",
    "velocity",
    "verdict",
]
