"""How good the outlook has been: earlier periods forecast again from what came before them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.errors import UsageError
from funnel.metrics import ahead, outlook, term
from funnel.metrics.absence import untold
from funnel.metrics.indicator import Indicator, indicators

RULE = (
    "Each whole {period} with at least {least} before it, forecast after {share} of its days from those "
    "alone. Inside: within the 90 % interval. Error: |forecast - what it came to| / what it came to, the "
    "median."
)
COLUMNS = ["kpi", "title", "n", "n_inside", "coverage", "low", "high", "median_error", "rule"]


def replayed(con: DuckDBPyConnection, *, period: str = "month", share: float = 0.5) -> pd.DataFrame:
    """Return one row per KPI that is forecast from its periods, and all together last (kpi null).

    Columns: kpi, title, n (periods replayed), n_inside (of their 90 % intervals), coverage with low and high
    (Wilson; the periods of one KPI overlap in what they learn from, so it is somewhat too narrow),
    median_error, rule. As the periods are known today: what was recorded late is in them. UsageError for an
    unknown period, or a share outside 0-1.
    """
    if not 0 <= share < 1:
        raise UsageError(f"A period cannot be cut at {share:g} of it. Give a share of 0 or more and below 1.")
    asked = indicators(con)
    lacking = untold(con, asked)
    known = outlook.Known(con)
    periods = known.periods.get(term.period(period))
    told = [one for one in asked if one.family in outlook.TOLD and one.kpi not in lacking]
    tries = (
        [found for one in told for found in _tries(one, known, periods, share)] if periods is not None else []
    )
    frame = pd.DataFrame(tries, columns=["kpi", "title", "is_inside", "error"])
    rows = [_summary(rows, str(kpi), rows["title"].iloc[0]) for kpi, rows in frame.groupby("kpi", sort=False)]
    table = pd.DataFrame([*rows, _summary(frame, None, "all")])
    rule = RULE.format(period=period, least=ahead.LEAST, share=f"{share:.0%}")
    rated = stats.with_rate(table, "n_inside", "n", names=("coverage", "low", "high"))
    return rated.assign(rule=rule)[COLUMNS]


def _tries(one: Indicator, known: outlook.Known, periods: pd.DataFrame, share: float) -> list[dict[str, Any]]:
    days = known.of(one)
    if days.empty:
        return []
    table = outlook.cut(days, periods[periods["is_complete"].astype(bool)], share)
    return [_try(one, table, place) for place in range(ahead.LEAST, len(table))]


def _try(one: Indicator, table: pd.DataFrame, place: int) -> dict[str, Any]:
    now = table.iloc[place]
    found = outlook.predicted(one, table.iloc[:place], now)
    came = outlook.value(one, now["seen"] + now["rest"], now["seen_hits"] + now["rest_hits"])
    is_inside = came is None or found.low <= came <= found.high
    error = abs(found.value - came) / came if came else None
    return {"kpi": one.kpi, "title": one.title, "is_inside": is_inside, "error": error}


def _summary(rows: pd.DataFrame, kpi: str | None, title: str) -> dict[str, Any]:
    error = rows["error"].astype("float64").median() if len(rows) else None
    counts = {"n": len(rows), "n_inside": int(rows["is_inside"].sum())}
    return {"kpi": kpi, "title": title, **counts, "median_error": error}
