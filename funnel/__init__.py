"""The marketing-to-sales funnel, modelled once and told every week with evidence.

`connect(path)` opens a warehouse read-only; the metrics are functions of that connection:
`funnel.metrics.conversion.funnel(con)`. `show_sql(metric, con)` is the SQL behind a table, and
`audit(con, batch)` the audit of a disputed batch: a frozen record of tables. Nothing heavy is imported before
it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from funnel.dispute.audit import audit as audit
    from funnel.warehouse.connect import connect as connect
    from funnel.warehouse.show_sql import show_sql as show_sql

__all__ = ["audit", "charts", "connect", "metrics", "show_sql"]


def __getattr__(name: str) -> Any:
    if name == "audit":
        return import_module("funnel.dispute.audit").audit
    if name == "connect":
        return import_module("funnel.warehouse.connect").connect
    if name == "show_sql":
        return import_module("funnel.warehouse.show_sql").show_sql
    if name in {"charts", "metrics"}:
        return import_module(f"funnel.{name}")
    raise AttributeError(f"module 'funnel' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
