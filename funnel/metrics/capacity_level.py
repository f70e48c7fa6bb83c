"""Whether hand-offs are answered worse in weeks of higher load: quarters by load, and a line through them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.metrics.capacity_week import weeks
from funnel.metrics.frame import whole
from funnel.metrics.source import ABSENT, missing

QUARTERS = ("least load", "second quarter", "third quarter", "most load")
LEVELS_RULE = (
    "Weeks in which all deadlines have passed, each team's under one contract parted into quarters by load; "
    "first touch of the hand-offs that arrived in them. Intervals are wider by the spread between weeks. "
    "Weeks of high load differ in more than load: this is no proof of a cause."
)


def levels(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row per quarter of the weeks by load, least first: the attainment of first touch in them.

    Mature weeks of teams (of all, where no owner's team is known), parted within each team and contract
    version that has ten of them, so that neither a team nor a new agreement makes the difference. Columns:
    position, level, n_weeks (of teams), mean_load (weighted by hand-offs), n (hand-offs), n_met, rate, low,
    high (Wilson, on n over the dispersion), dispersion (between weeks of one quarter; 1: no more than
    chance), state, rule.
    """
    rows = _loaded(weeks(con))
    place = rows.groupby("group")["load"].rank(method="first", pct=True)
    rows = rows.assign(
        position=np.ceil(place * len(QUARTERS)).astype("int64"), weighted=rows["load"] * rows["n"]
    )
    found = rows.groupby("position")
    sums = found[["n", "n_met", "weighted"]].sum().assign(n_weeks=found.size())
    frame = pd.DataFrame({"position": range(1, len(QUARTERS) + 1), "level": QUARTERS})
    frame = whole(frame.merge(sums.reset_index(), on="position", how="left"))
    spread = _dispersion(rows, sums)
    low, high = stats.wilson(frame["n_met"] / spread, frame["n"] / spread)
    frame = frame.assign(rate=stats.rate(frame["n_met"], frame["n"]), low=low, high=high, dispersion=spread)
    frame = frame.assign(mean_load=stats.rate(frame["weighted"], frame["n"]))
    state = "ok" if len(rows) else ABSENT if missing(con, "activity") else "undefined"
    columns = ["position", "level", "n_weeks", "mean_load", "n", "n_met", "rate", "low", "high", "dispersion"]
    return frame[columns].assign(state=state, rule=LEVELS_RULE)


def trend(con: DuckDBPyConnection) -> pd.DataFrame:
    """Return one row: by how much attainment differs where load is higher by 10 points, and what that says.

    A line through the weeks of `levels`, weighted by their hand-offs, each team and contract version with a
    level of its own; the interval (95 %, t) is robust to unequal spread (HC3, MacKinnon and White 1985).
    Columns: change (of the rate per 10 points of load), low, high, n_weeks, n, sentence, state, rule. Null
    where no team has ten such weeks.
    """
    rows = _loaded(weeks(con))
    n_weeks, n = len(rows), int(rows["n"].sum())
    change, low, high = _slope(rows)
    known = not np.isnan(change)
    state = "ok" if known else ABSENT if missing(con, "activity") else "undefined"
    row: dict[str, Any] = {"change": change, "low": low, "high": high, "n_weeks": n_weeks, "n": n}
    none = f"Load and attainment cannot be compared: {n_weeks} weeks with both."
    frame = pd.DataFrame([row]).assign(sentence=_sentence(row) if known else none)
    return frame.assign(state=state, rule=LEVELS_RULE)


def _loaded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the mature weeks that can be compared, each with its group: team and contract version."""
    teams = frame[~frame["is_total"]]
    rows = teams if len(teams) else frame
    rows = rows[rows["is_mature"].astype(bool) & rows["load"].notna() & (rows["n"] > 0)]
    rows = rows.assign(group=rows["team"].fillna("all") + " " + rows["version"].fillna(""))
    return rows[rows.groupby("group")["n"].transform("size") >= stats.FEW]


def _dispersion(rows: pd.DataFrame, sums: pd.DataFrame) -> float:
    """Return Pearson's chi-square over its degrees of freedom between weeks of one level, at least 1."""
    rate = (sums["n_met"] / sums["n"]).reindex(rows["position"]).to_numpy()
    known = (rate > 0) & (rate < 1)
    n, met, share = rows["n"].to_numpy()[known], rows["n_met"].to_numpy()[known], rate[known]
    df = len(n) - len(set(rows["position"].to_numpy()[known]))
    if df < 1:
        return 1.0
    return max(float(((met - n * share) ** 2 / (n * share * (1 - share))).sum() / df), 1.0)


def _slope(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Return the slope of rate on ten points of load with its interval; null where load does not vary."""
    from statsmodels.regression.linear_model import WLS

    if rows.empty or (rows.groupby("group")["load"].nunique() < 2).all():
        return np.nan, np.nan, np.nan
    groups = pd.get_dummies(rows["group"], dtype=float).to_numpy()
    given = np.column_stack([10 * rows["load"].to_numpy(dtype="float64"), groups])
    weights = rows["n"].to_numpy(dtype="float64")
    found: Any = WLS(rows["rate"].to_numpy(dtype="float64"), given, weights=weights).fit(
        cov_type="HC3", use_t=True
    )
    low, high = found.conf_int()[0]
    return float(found.params[0]), float(low), float(high)


def _sentence(row: dict[str, Any]) -> str:
    said = number.points_with_interval(row["change"], row["low"], row["high"])
    shown = (
        "No relation is shown: the interval holds zero."
        if row["low"] <= 0 <= row["high"]
        else "Attainment was "
        + ("lower" if row["change"] < 0 else "higher")
        + " where load was higher; that is no proof of a cause."
    )
    return f"Per 10 points more load the first-touch attainment differs by {said}. {shown}"
