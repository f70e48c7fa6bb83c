"""The warehouse: one DuckDB file, built aside from the landed files and swapped in."""

from __future__ import annotations

from funnel.warehouse.build import BuildReport, build
from funnel.warehouse.connect import connect

__all__ = ["BuildReport", "build", "connect"]
