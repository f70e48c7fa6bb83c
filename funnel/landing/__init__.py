"""Exports in, append-only Parquet out: each row is stamped with its load, and nothing is overwritten."""

from __future__ import annotations

from funnel.landing.attach import attach, landed_sources
from funnel.landing.late import keep_only_new_keys
from funnel.landing.load import land
from funnel.landing.manifest import Load, TableLoad, read_loads

__all__ = ["Load", "TableLoad", "attach", "keep_only_new_keys", "land", "landed_sources", "read_loads"]
