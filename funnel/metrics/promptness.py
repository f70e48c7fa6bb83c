"""How soon the receiving team acts, by period: to the first touch and to the outcome, open ones censored."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import survival
from funnel.metrics import response, term
from funnel.metrics.frame import read, whole

if TYPE_CHECKING:
    from funnel.stats import Floats

OUTCOMES = """
with clock as (
    select
        as_of, cast($until as timestamp) as until_at, cast($today as date) as today
    from run.context
),
spell as (
    select
        case $by when 'week' then h.week_on when 'month' then h.month_on when 'quarter' then h.quarter_on end
            as label,
        h.outcome <> 'open' as is_decided,
        case
            when h.handed_at is null then 'undated'
            when h.outcome <> 'open' and h.outcome_at is null then 'undated'
            when 'day' in (h.handed_precision, h.outcome_precision) and h.handed_on >= k.today then 'new'
        end as left_out,
        case when 'day' in (h.handed_precision, h.outcome_precision)
            then (date_diff('day', h.handed_at, h.outcome_at)) * 86400
            else date_diff('second', h.handed_at, h.outcome_at) end as answered_seconds,
        case when h.handed_precision = 'day' then (k.today - h.handed_on - 1) * 86400
            else date_diff('second', h.handed_at, k.until_at) end as watched_seconds
    from marts.handoff h
    cross join clock k
)
select
    label,
    case when left_out is null and watched_seconds < 0 then 'new' else left_out end as left_out,
    is_decided,
    greatest(case when is_decided then answered_seconds else watched_seconds end, 0) as seconds,
    count(*) as n
from spell
where label is not null
group by all
order by all
"""


def first_touch(con: DuckDBPyConnection, *, by: str) -> pd.DataFrame:
    """Return one row per period of the hand-off: the median business hours to the first human touch.

    The hand-offs and rules of `response.waits`. Columns: period_on, value (null where fewer than half were
    touched), low, high (95 %), n, n_open (never touched), n_unknown (left out).
    """
    until = term.context(con).seen_until
    given = {"clock": "business", "unit_seconds": response.HOUR, "start_on": None, "end_on": None}
    rows = read(con, response.WAITS, until=until, by=term.period(by), **given)
    rows = rows[rows["label"].notna()].rename(columns={"is_touched": "is_ended"})
    return _medians(rows.assign(label=pd.to_datetime(rows["label"])), response.HOUR)


def outcome(con: DuckDBPyConnection, *, by: str) -> pd.DataFrame:
    """Return one row per period of the hand-off: the median days from hand-off to its outcome.

    Any outcome but open; elapsed time, whole days where either is known to the day. Columns: period_on, value
    (null where fewer than half are decided, or of more than half the time is not known), low, high (95 %), n,
    n_open, n_unknown (left out).
    """
    context = term.context(con)
    rows = read(con, OUTCOMES, until=context.seen_until, today=context.seen_on, by=term.period(by))
    return _medians(rows.rename(columns={"is_decided": "is_ended"}), term.DAY_SECONDS)


def _medians(rows: pd.DataFrame, unit_seconds: int) -> pd.DataFrame:
    rows = rows.sort_values("label", kind="stable")
    labels, starts = np.unique(rows["label"].to_numpy(), return_index=True)
    every = [np.asarray(rows[name], dtype="float64") for name in ("seconds", "is_ended", "n")]
    is_kept = np.asarray(rows["left_out"].isna(), dtype="bool")
    ends = np.append(starts[1:], len(rows))[: len(starts)]
    found = []
    for label, start, end in zip(labels, starts, ends, strict=True):
        seconds, ended, n = (column[start:end] for column in every)
        found.append({"period_on": label, **_median(seconds, ended, n, is_kept[start:end], unit_seconds)})
    names = ("period_on", "value", "low", "high", "n", "n_open", "n_unknown")
    return whole(pd.DataFrame(found, columns=list(names)))


def _median(seconds: Floats, ended: Floats, n: Floats, is_kept: Floats, unit_seconds: int) -> dict[str, Any]:
    """Return the median time of one period's hand-offs, null where the time of more than half is unknown."""
    seconds, ended, used = (column[is_kept] for column in (seconds, ended, n))
    known, n_open = used.sum(), used[ended == 0].sum()
    counts = {"n": known, "n_open": n_open, "n_unknown": n.sum() - known}
    if known < max(counts["n_unknown"], 1):
        return {"value": math.nan, **counts}
    half = survival.quantile(survival.kaplan_meier(seconds, ended, used))
    return {name: getattr(half, name) / unit_seconds for name in ("value", "low", "high")} | counts
