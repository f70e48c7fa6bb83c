"""The course of the KPIs by week, each in its band of ordinary variation."""

from __future__ import annotations

from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel.metrics.absence import untold
from funnel.metrics.indicator import Indicator, indicators
from funnel.metrics.measure import BAND_LEAST, BAND_PERIODS, measures
from funnel.metrics.once import once

WEEKS = 26
WEEKLESS = (
    *("cac", "cac_paid", "payback", "lifetime", "coverage", "days", "mean_deal", "velocity", "requalified"),
    "retention",
)
"""Families of which a week has too few cases, or that are counted over longer spans."""

WEEK_OF = {"week": 1.0, "month": 7 / 30.4375, "quarter": 7 / 91.3125}
FLOWS = ("count", "money")
BAND = (
    f"Band of ordinary variation: mean -+ 2 sd of up to {BAND_PERIODS} mature weeks before it; "
    f"none with fewer than {BAND_LEAST}."
)


def weekly(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per main KPI and week: the last 26 weeks up to the one that holds as_of.

    Columns: kpi, title, unit, week_on, value, n, low, high, is_mature, observed_share, state, target (of
    counts and amounts per month or quarter: their part for 7 days), band_low, band_high, is_outside
    (mature, and its interval clear of the band), n_open, n_unknown, direction, owners, rule. KPIs whose
    sources are absent have no rows.
    """
    return once(con, "weekly", lambda: _weekly(con), shared=True).copy()


def _weekly(con: DuckDBPyConnection) -> pd.DataFrame:
    every = indicators(con)
    absent = untold(con, every)
    asked = [one for one in every if one.family not in WEEKLESS and one.kpi not in absent]
    frame = measures(con, asked, by="week").rename(columns={"period_on": "week_on"})
    frame = frame.groupby("kpi", sort=False).tail(WEEKS).reset_index(drop=True)
    said = pd.DataFrame([_said(one) for one in asked], columns=["kpi", *SAID])
    frame = frame.merge(said, on="kpi", how="left")
    clear = (frame["high"] < frame["band_low"]) | (frame["low"] > frame["band_high"])
    state = pd.Series("ok", index=frame.index).mask(frame["value"].isna(), "undefined")
    state = state.mask(~frame["is_mature"].astype(bool), "not yet")
    frame = frame.assign(is_outside=clear & frame["is_mature"].astype(bool), state=state)
    first = ["kpi", "title", "unit", "week_on", "value", "n", "low", "high", "is_mature", "observed_share"]
    last = ["state", "target", "band_low", "band_high", "is_outside", "n_open", "n_unknown"]
    return frame[[*first, *last, "direction", "owners", "rule"]]


SAID = ["title", "unit", "target", "direction", "owners", "rule"]


def _said(one: Indicator) -> dict[str, Any]:
    target = one.target
    if target is not None and one.unit in FLOWS:
        target = target * WEEK_OF[one.per]
    said = {name: getattr(one, name) for name in ("kpi", "title", "unit", "direction", "owners")}
    return said | {"target": target, "rule": f"{one.rule} {BAND}"}
