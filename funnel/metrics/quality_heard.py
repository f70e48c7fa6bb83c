"""What sales heard: reasons for which leads were refused or opportunities lost, by segment and campaign."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import quality_member as member
from funnel.metrics import term
from funnel.metrics.frame import read, splitting
from funnel.metrics.source import ABSENT

KINDS = {"refusals": "refused hand-offs", "losses": "lost opportunities"}
LEAST, FALSE = 5, 0.05

HEARD = splitting("""
with said as (
    select split_by($dimension, h) as value, trim(h.outcome_reason) as reason
    from marts.handoff h
    where $of = 'refusals' and h.outcome in ('rejected', 'recycled', 'lost')
    union all
    select split_by($dimension, o), trim(o.loss_reason)
    from marts.opportunity o
    where $of = 'losses' and o.outcome = 'lost'
)
select value, nullif(reason, '') as reason, count(*) as n
from said
group by all
order by n desc, value nulls last, reason nulls last
""")

COLUMNS = ["of", "dimension", "value", "reason", "n", "n_value", "n_unknown", "share", "low", "high"]
COLUMNS += ["overall_share", "expected", "residual", "p_adjusted", "is_shown", "state", "rule"]


def heard(con: DuckDBPyConnection, *, dimension: str, of: str = "refusals") -> pd.DataFrame:
    """Return one row per value of a dimension and reason, the largest value first: what sales heard.

    `of`: 'refusals' (reasons of refused hand-offs) or 'losses' (of lost opportunities). Every value stands
    with every reason, also with none of it. Columns: of, dimension, value (null: the source has none),
    reason, n, n_value (with any reason), n_unknown (without one, apart), share (n of n_value) with low and
    high, overall_share, expected (were the value like the whole), residual (adjusted, standard normal then;
    null below 5 expected), p_adjusted (two-sided, Benjamini and Hochberg over all residuals), is_shown
    (<= .05), state, rule. Without any reason one row says so. UsageError for an unknown word.
    """
    member.one_of("kind of reason", of, KINDS)
    name = term.dimension(dimension)
    given = read(con, HEARD, of=of, dimension=name)
    frame = _crossed(given)
    state = "ok" if given["value"].notna().any() else f"{ABSENT}: {name} is empty"
    state = state if given["reason"].notna().any() else f"{ABSENT}: no reason is recorded"
    frame = frame.assign(of=of, dimension=name, state=state, rule=_rule(of))
    return frame[COLUMNS]


def _crossed(given: pd.DataFrame) -> pd.DataFrame:
    """Return every value with every reason; the null value is kept as one."""
    frame = given.assign(key=given["value"].isna().map({True: "0", False: "1"}) + given["value"].fillna(""))
    counts = frame.pivot_table(index="key", columns="reason", values="n", aggfunc="sum", fill_value=0)
    silent = frame[frame["reason"].isna()].groupby("key")["n"].sum()
    if counts.empty:
        return _nothing(silent)
    order = counts.sum(axis=1).sort_values(ascending=False, kind="stable").index
    counts = counts.loc[order, counts.sum().sort_values(ascending=False, kind="stable").index]
    table = _residuals(counts).reset_index()
    n_unknown = table["key"].map(silent).fillna(0).astype("int64")
    value = table["key"].str[1:].where(table["key"].str[0] == "1", None)
    return _judged(table.assign(value=value, n_unknown=n_unknown))


def _residuals(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of a table of counts with what is expected and the adjusted residual (statsmodels)."""
    from statsmodels.stats.contingency_tables import Table

    found = Table(counts.to_numpy(dtype="float64"), shift_zeros=False)
    with np.errstate(invalid="ignore", divide="ignore"):
        residual = np.asarray(found.standardized_resids, dtype="float64")
    shape: dict[str, Any] = {"index": counts.index, "columns": counts.columns}
    parts = {
        "n": counts.astype("int64"),
        "expected": pd.DataFrame(np.asarray(found.fittedvalues), **shape),
        "residual": pd.DataFrame(residual, **shape),
    }
    cells: pd.DataFrame = pd.concat(
        {name: part.stack(future_stack=True) for name, part in parts.items()}, axis=1
    )
    total = counts.to_numpy().sum()
    n_value = cells.groupby("key")["n"].transform("sum")
    return cells.assign(n_value=n_value, overall_share=cells.groupby("reason")["n"].transform("sum") / total)


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    from scipy.stats import false_discovery_control, norm

    frame = stats.with_rate(frame, "n", "n_value", names=("share", "low", "high"))
    tested = (frame["expected"] >= LEAST) & np.isfinite(frame["residual"])
    adjusted = pd.Series(np.nan, index=frame.index)
    if tested.any():
        p = 2 * norm.sf(frame.loc[tested, "residual"].abs())
        adjusted[tested] = false_discovery_control(p, method="bh")
    residual = frame["residual"].where(tested)
    return frame.assign(residual=residual, p_adjusted=adjusted, is_shown=adjusted <= FALSE)


def _nothing(silent: pd.Series[int]) -> pd.DataFrame:
    """Return one row that holds how many have no reason; none where there is nobody either."""
    row = pd.DataFrame([{"n": 0, "n_value": 0, "n_unknown": int(silent.sum()), "is_shown": False}])
    empty = dict.fromkeys(["value", "reason"]) | dict.fromkeys(
        ["share", "low", "high", "overall_share", "expected", "residual", "p_adjusted"], np.nan
    )
    return row.assign(**empty)


def _rule(of: str) -> str:
    return (
        f"Of the {KINDS[of]} with a recorded reason, the share with this one; those without stand apart. "
        "Shown: differs from the whole by its adjusted residual, false discoveries held at 5 %."
    )
