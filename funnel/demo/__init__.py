"""A company with a known truth, written as its CRM would export it."""

from __future__ import annotations

from funnel.demo.report import DemoReport, write_demo

__all__ = ["DemoReport", "write_demo"]
