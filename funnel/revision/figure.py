"""One KPI of one period, ripe or not: the number that is followed from one edition to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.errors import UsageError, did_you_mean
from funnel.metrics import kpi
from funnel.metrics.indicator import indicators
from funnel.metrics.measure import measures
from funnel.revision.editions import Reported


@dataclass(frozen=True)
class Figure:
    """A KPI's value and n in a period; value is None where it is undefined. `period_on` None: at as_of."""

    value: float | None
    n: int | None


@dataclass(frozen=True)
class Asked:
    """A figure as an edition printed it: the KPI, its unit, and the period it was printed for."""

    kpi: str
    title: str
    unit: str
    period: str
    period_on: pd.Timestamp | None
    printed: Figure


def printed(edition: Reported, name: str) -> Asked:
    """Return what the edition's scorecard says of a KPI; UsageError naming the nearest and all if nothing."""
    table = edition.table("scorecard")
    rows = table[table["kpi"] == name]
    if rows.empty:
        known = list(table["kpi"])
        raise UsageError(
            f"The edition {edition.name} has no KPI '{name}'.{did_you_mean(name, known)} "
            f"Its KPIs: {', '.join(known)}."
        )
    row = rows.iloc[0]
    period_on = None if name == "coverage" or pd.isna(row["period_on"]) else pd.Timestamp(row["period_on"])
    return Asked(name, row["title"], row["unit"], row["period"], period_on, _figure(row))


def counted(con: DuckDBPyConnection, asked: Asked, period_on: pd.Timestamp | None) -> Figure:
    """Return the figure in a warehouse; value None where the KPI does not exist there or is undefined."""
    if asked.period_on is None:
        table = kpi.scorecard(con)
        rows = table[table["kpi"] == asked.kpi]
        return _figure(rows.iloc[0]) if len(rows) else Figure(None, None)
    one = next((each for each in indicators(con) if each.kpi == asked.kpi), None)
    if one is None:
        return Figure(None, None)
    course = measures(con, [one], by=asked.period)
    rows = course[course["period_on"] == period_on]
    return _figure(rows.iloc[0]) if len(rows) else Figure(None, None)


def _figure(row: pd.Series[Any]) -> Figure:
    value, n = row["value"], row["n"]
    return Figure(None if pd.isna(value) else float(value), None if pd.isna(n) else int(n))
