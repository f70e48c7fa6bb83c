"""How long marketing waits to hear what became of a lead: from the hand-off to its first recorded word."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats, survival
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import term
from funnel.metrics.frame import read, whole
from funnel.metrics.handed_to import ARRIVALS, arriving
from funnel.metrics.source import ABSENT, missing
from funnel.metrics.spell import by_value, kept, left_out

__all__ = ["feedback"]

HEARD = arriving("""
with clock as (
    select cast($until as timestamp) as until_at, cast($seen_on as date) as seen_on
),
moved as (
    select
        h.handoff_id,
        min(e.changed_at) as status_at,
        arg_min(e.changed_precision, e.changed_at) as status_precision
    from marts.handoff h
    join core.handoff_window w on w.handoff_id = h.handoff_id
    join core.attribute_event e on e.record_key = h.record_key and e.field = 'status'
    where e.changed_at > h.handed_at and coalesce(e.changed_at < w.next_handed_at, true)
    group by h.handoff_id
),
word as (
    select
        h.handoff_id, h.label, h.handed_at, h.handed_on, h.handed_precision, h.outcome, h.outcome_at,
        case when h.outcome = 'open' then m.status_at
            else least(coalesce(m.status_at, h.outcome_at), h.outcome_at) end as heard_at,
        case when h.outcome = 'open' or m.status_at < h.outcome_at then m.status_precision
            else h.outcome_precision end as heard_precision,
        h.outcome_precision
    from arrived_by($by) h
    left join moved m on m.handoff_id = h.handoff_id
    where coalesce(h.handed_on >= cast($start_on as date), $start_on is null)
        and coalesce(h.handed_on < cast($end_on as date), $end_on is null)
),
zoned as (
    select
        w.*,
        cast(w.heard_at + to_seconds(coalesce(z.offset_seconds, 0)) as date) as heard_on,
        cast(w.outcome_at + to_seconds(coalesce(y.offset_seconds, 0)) as date) as outcome_on
    from word w
    left join run.zone_offset z on w.heard_at >= z.starts_at and w.heard_at < z.ends_at
    left join run.zone_offset y on w.outcome_at >= y.starts_at and w.outcome_at < y.ends_at
),
measured as (
    select
        z.*,
        case when z.handed_precision = 'day' then (k.seen_on - z.handed_on - 1) * 86400
            else date_diff('second', z.handed_at, k.until_at) end as watched_seconds,
        case when 'day' in (z.handed_precision, z.heard_precision) then (z.heard_on - z.handed_on) * 86400
            else date_diff('second', z.handed_at, z.heard_at) end as heard_seconds,
        case when 'day' in (z.handed_precision, z.outcome_precision) then (z.outcome_on - z.handed_on) * 86400
            else date_diff('second', z.handed_at, z.outcome_at) end as outcome_seconds
    from zoned z
    cross join clock k
),
judged as (
    select
        *,
        case
            when handed_at is null or (outcome <> 'open' and outcome_at is null) then 'undated'
            when watched_seconds < 0 then 'new'
        end as left_out,
        coalesce(outcome_seconds <= watched_seconds, false) as is_ended,
        coalesce(heard_seconds <= watched_seconds, false) as is_heard
    from measured
)
select
    label, left_out,
    case when is_ended then outcome else 'open' end as outcome,
    is_heard,
    cast(case when left_out is not null then null when is_ended then greatest(outcome_seconds, 0)
        else watched_seconds end as bigint) as seconds,
    cast(case when left_out is not null then null when is_heard then greatest(heard_seconds, 0)
        else watched_seconds end as bigint) as heard_seconds,
    count(*) as n
from judged
group by all
order by all
""")

ENDS = ("accepted", "rejected", "recycled", "lost")
WORD, OUTCOME = "any change of status", "any outcome"
COLUMNS = ["value", "outcome", "n", "n_heard", "n_open", "share", "low", "high", "by_days"]
TOLD = ["share", "low", "high", "median_days", "median_low", "median_high", "p90_days"]
COLUMNS += ["median_days", "median_low", "median_high", "p90_days", "is_reached"]
RULE = (
    "Days from the hand-off to the first recorded word of what became of it; open ones count for as long as "
    "they were watched. Any change of status, any outcome: half, and nine in ten, of all hand-offs had one "
    "by then (Kaplan-Meier; not reached: fewer). Accepted, rejected, recycled, lost: of those who ended so "
    "within the time watched, the others competing (Aalen-Johansen)."
)


def feedback(
    con: DuckDBPyConnection,
    *,
    by: str | None = None,
    start_on: date | str | None = None,
    end_on: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per value of `by` and kind of word: how long until marketing hears of a hand-off.

    Kinds (outcome): 'any change of status' (of the lead's history, or an outcome), 'any outcome', accepted,
    rejected, recycled, lost (only those that occur). `by`: team, tier, weekday, hour or a dimension;
    UsageError for anything else. Columns: value, outcome, n (hand-offs), n_heard, n_open (without any to
    date), share (with it by the contract's landmark, of all), low, high (95 %), by_days (the landmark),
    median_days with median_low and median_high (95 %), p90_days (null: not reached), is_reached, n_left_out,
    state ('not in this source': no history of the status), rule. For a single outcome median and p90 are of
    those who ended so (no interval is given). A moment known to the day is counted in whole days.
    """
    known = (*ARRIVALS, *term.DIMENSIONS)
    if by is not None and by not in known:
        raise UsageError(
            f"Hand-offs cannot be split by '{by}'.{did_you_mean(by, known)} Known: {', '.join(known)}."
        )
    context = term.context(con)
    given = {"until": context.seen_until, "seen_on": context.seen_on, "start_on": start_on, "end_on": end_on}
    spells = read(con, HEARD, by=by, **given)
    found = by_value(spells) or [(None, spells)]
    rows = [row for value, part in found for row in _kinds(value, part, context.landmark_seconds)]
    frame = whole(pd.DataFrame(rows, columns=[*COLUMNS, "n_left_out"]))
    state = np.where(frame["n"] > 0, "ok", "undefined").astype("object")
    unheard = (frame["outcome"] == WORD) & (missing(con, "attribute_event") is not None)
    frame = frame.astype({"n_heard": "float64", "n_open": "float64"}) if unheard.any() else frame
    frame.loc[unheard, [*TOLD, "n_heard", "n_open"]] = np.nan
    frame = frame.assign(value=frame["value"].astype("object"), state=np.where(unheard, ABSENT, state))
    return frame.assign(rule=RULE + left_out(spells))


def _kinds(value: object, rows: pd.DataFrame, landmark: int) -> list[dict[str, Any]]:
    used = kept(rows)
    n = int(used["n"].sum())
    base: dict[str, Any] = {"value": value, "by_days": landmark / term.DAY_SECONDS, "n": n}
    base |= {"n_left_out": rows["n"].sum() - n}
    out = used.assign(is_ended=used["outcome"] != "open")
    parts = [
        base | {"outcome": WORD} | _whole(out["heard_seconds"], out["is_heard"], out["n"], landmark),
        base | {"outcome": OUTCOME} | _whole(out["seconds"], out["is_ended"], out["n"], landmark),
    ]
    if used.empty:
        return parts
    causes = used["outcome"].map({end: at for at, end in enumerate(ENDS, 1)}).fillna(0)
    n_open = used.loc[used["outcome"] == "open", "n"].sum()
    curves = survival.aalen_johansen(used["seconds"], causes, used["n"], causes=len(ENDS))
    for end, curve in zip(ENDS, curves, strict=True):
        n_heard = used.loc[used["outcome"] == end, "n"].sum()
        if n_heard:
            ended = {"outcome": end, "n_heard": n_heard, "n_open": n_open}
            parts.append(base | ended | _single(curve, landmark, n))
    return parts


def _whole(
    seconds: pd.Series[float], is_left: pd.Series[bool], n: pd.Series[int], landmark: int
) -> dict[str, Any]:
    """Return share, median and nine tenths of all of a curve of those who have not heard."""
    curve = survival.kaplan_meier(seconds, is_left, n)
    n_heard = n[is_left].sum()
    half, most = survival.quantile(curve, 0.5), survival.quantile(curve, 0.9)
    at = curve.at([landmark])
    low, high = 1 - at.high[0], 1 - at.low[0]
    share = 1 - at.probability[0]
    if share <= 0 or share >= 1:
        low, high = (float(end[0]) for end in stats.wilson([share * n.sum()], [n.sum()]))
    return {
        "n_heard": n_heard,
        "n_open": n.sum() - n_heard,
        "share": share,
        "low": low,
        "high": high,
        "median_days": half.value / term.DAY_SECONDS,
        "median_low": half.low / term.DAY_SECONDS,
        "median_high": half.high / term.DAY_SECONDS,
        "p90_days": most.value / term.DAY_SECONDS,
        "is_reached": not math.isnan(half.value),
    }


def _single(curve: survival.Curve, landmark: int, n: int) -> dict[str, Any]:
    """Return the share that ended so by the landmark, and when half and nine tenths of its height stood."""
    at = curve.at([landmark])
    low, high = float(at.low[0]), float(at.high[0])
    if math.isnan(low):
        low, high = (float(end[0]) for end in stats.wilson([at.probability[0] * n], [n]))
    height = curve.probability[-1]
    days = [_reaching(curve, share * height) / term.DAY_SECONDS for share in (0.5, 0.9)]
    return {
        "share": at.probability[0],
        "low": low,
        "high": high,
        "median_days": days[0],
        "p90_days": days[1],
        "is_reached": True,
    }


def _reaching(curve: survival.Curve, height: float) -> float:
    return float(curve.time[np.flatnonzero(curve.probability >= height - survival.TOLERANCE)[0]])
