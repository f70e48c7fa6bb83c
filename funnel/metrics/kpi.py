"""The shared KPIs: the scorecard, its course and outlook, the shared index, and what lies behind a figure."""

from __future__ import annotations

from funnel.metrics.cost import cost
from funnel.metrics.index import attainment_index
from funnel.metrics.outlook import outlook
from funnel.metrics.pace import sales_velocity
from funnel.metrics.replay import replayed
from funnel.metrics.scorecard import scorecard
from funnel.metrics.source import sources
from funnel.metrics.weekly import weekly
from funnel.metrics.winning import win_rates

__all__ = [
    "attainment_index",
    "cost",
    "outlook",
    "replayed",
    "sales_velocity",
    "scorecard",
    "sources",
    "weekly",
    "win_rates",
]
