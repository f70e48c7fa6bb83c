"""The edition: pages that open without a network, made from a checked warehouse and three notebooks."""

from __future__ import annotations

from funnel.reports.edition import NOTEBOOKS, Edition, report

__all__ = ["NOTEBOOKS", "Edition", "report"]
