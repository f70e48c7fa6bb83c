"""What the funnel did, as tables: every metric is a function `con -> DataFrame` over the marts.

`DOORS` are the modules to ask, one per question; all others are what these are made of. docs/ lists grain,
columns and convention of each metric. Rates are 0-1 and stand with n and an interval; undefined is null,
never 0; what is too young says so (`is_mature`, `observed_share`, `state`).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

DOORS = (
    "agreed",
    "attribute",
    "attribution",
    "bridge",
    "capacity",
    "conversion",
    "curve",
    "duration",
    "finding",
    "forecast",
    "handoff",
    "health",
    "journey",
    "kpi",
    "loop",
    "overlap",
    "quality",
    "recycle",
    "score",
    "source",
    "term",
    "velocity",
)


def __getattr__(name: str) -> Any:
    if name in DOORS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return list(DOORS)
