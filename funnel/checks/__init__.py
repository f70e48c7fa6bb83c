"""Checks of the warehouse by Great Expectations: severity, owner, and every failing row."""

from __future__ import annotations

from funnel.checks.report import CheckReport
from funnel.checks.run import run_checks

__all__ = ["CheckReport", "run_checks"]
