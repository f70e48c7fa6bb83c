"""How soon a hand-off is answered, those never touched included: the response-time curve and its median.

A hand-off that nobody touched stays in the curve for as long as it was watched, whatever became of it: that
it was closed unanswered is no answer.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats, survival
from funnel.errors import UsageError, did_you_mean
from funnel.metrics import term
from funnel.metrics.frame import read, whole
from funnel.metrics.handed_to import ARRIVALS, arriving
from funnel.metrics.source import ABSENT, missing
from funnel.metrics.spell import ages, by_value, kept, left_out

CLOCKS = ("business", "elapsed")
HOUR = 3_600
CURVE = ["age_hours", "rate", "low", "high", "n", "n_touched", "n_untouched", "n_day", "n_at_risk"]
CURVE += ["n_watched", "n_events", "n_left_out"]
UNTOLD = "From assignment to the first human touch: the source holds no activities."
HOURS = ("median_hours", "median_low", "median_high", "p25", "p75", "p90")

WAITS = arriving("""
with clock as (
    select as_of, cast($until as timestamp) as until_at from run.context
),
unseen as (
    select
        v.version, v.calendar,
        a.seconds_before + epoch(least(v.as_of, a.ends_at) - a.starts_at)
            - u.seconds_before - epoch(least(v.until_at, u.ends_at) - u.starts_at) as working_seconds
    from (select distinct h.version, h.calendar, k.* from marts.handoff h cross join clock k) v
    asof join contract.business_hour a
        on a.version = v.version and a.calendar = v.calendar and a.starts_at <= v.as_of
    asof join contract.business_hour u
        on u.version = v.version and u.calendar = v.calendar and u.starts_at <= v.until_at
),
wait as (
    select
        h.handed_at, h.first_touch_at is not null as is_touched,
        not (c.is_start_exact and c.is_touch_exact) as is_day,
        case $clock when 'elapsed' then c.touch_end_elapsed - c.start_elapsed
            else c.touch_end_working - c.start_working end as answered_seconds,
        case $clock when 'elapsed' then c.as_of_elapsed - c.start_elapsed - epoch(k.as_of - k.until_at)
            else c.as_of_working - c.start_working - n.working_seconds end as watched_seconds,
        h.label
    from arrived_by($by) h
    cross join clock k
    left join core.handoff_clock c on c.handoff_id = h.handoff_id
    left join unseen n on n.version = h.version and n.calendar = h.calendar
    where coalesce(h.handed_on >= cast($start_on as date), $start_on is null)
        and coalesce(h.handed_on < cast($end_on as date), $end_on is null)
),
judged as (
    select
        *,
        case when handed_at is null then 'undated' when watched_seconds is null then 'no calendar'
            when watched_seconds < 0 then 'new' end as left_out
    from wait
)
select
    label,
    left_out,
    is_touched,
    is_touched and is_day as is_day,
    cast(case when left_out is not null then null when is_touched
        then least(greatest(answered_seconds, 0), watched_seconds)
        else watched_seconds end as bigint) as seconds,
    cast(case when left_out is null then watched_seconds // $unit_seconds end as bigint) as n_units_watched,
    count(*) as n
from judged
group by all
order by all
""")


def first_touch(
    con: DuckDBPyConnection,
    *,
    clock: str,
    by: str | None = None,
    start_on: date | str | None = None,
    end_on: date | str | None = None,
    within_hours: float | None = None,
) -> pd.DataFrame:
    """Return one row per value of `by` and hour: the share of hand-offs that a human had touched by then.

    Hand-offs of [start_on, end_on), from assignment (from hand-off where nobody was assigned) to the first
    human touch, in hours of the `clock`: 'business' (the contract's calendar) or 'elapsed', pauses left out.
    Those never touched stay in the curve for as long as they were watched (Kaplan-Meier). A touch known to
    the day counts at the end of that day, so it never looks faster than it was. Ages are whole hours, the
    end included, from 0 to the last that at least ten were watched for (all, where there are fewer), or to
    `within_hours`. Columns: value (null without `by`), clock, age_hours, rate, low, high (95 %), n,
    n_touched and n_untouched (of n, to date), n_day (known to the day), n_at_risk (watched and not touched
    before that age), n_watched (for at least that age), n_events (touched since the hour before),
    n_left_out, state ('not in this source' without activities: no rates), rule. UsageError for an unknown
    clock or dimension.
    """
    waits = _waits(con, clock, by, start_on, end_on)
    most = None if within_hours is None else math.floor(within_hours)
    frames = [_curve(value, rows, most) for value, rows in by_value(waits) or [(None, waits)]]
    frame = pd.concat(frames, ignore_index=True).assign(clock=clock, rule=_rule(waits, clock))
    frame = _judged(con, frame, ["rate", "low", "high", "n_touched", "n_untouched", "n_at_risk", "n_events"])
    return frame[["value", "clock", *CURVE, "state", "rule"]]


def waits(
    con: DuckDBPyConnection,
    *,
    by: str | None = None,
    clock: str | None = None,
    start_on: date | str | None = None,
    end_on: date | str | None = None,
) -> pd.DataFrame:
    """Return one row per clock (business, elapsed; or one) and value of `by`: hours to the first human touch.

    The same hand-offs and rules as `first_touch`; `by` may also be team, tier, weekday or hour. Columns:
    value, clock, median_hours with median_low and median_high (95 %), p25, p75, p90 (hours by which such a
    share was touched, null where that is not reached), is_reached (the median is), n, n_touched, n_untouched,
    n_day, n_left_out, state, rule. A mean of those who were answered is not given.
    """
    frames = []
    for each in CLOCKS if clock is None else (clock,):
        rows = _waits(con, each, by, start_on, end_on)
        parts = [
            {"value": value, "clock": each, **_wait(part)} for value, part in by_value(rows) or [(None, rows)]
        ]
        frames.append(pd.DataFrame(parts).assign(rule=_rule(rows, each)))
    frame = whole(pd.concat(frames, ignore_index=True))
    frame = _judged(con, frame, ["n_touched", "n_untouched", *HOURS])
    return frame.assign(value=frame["value"].astype("object"))


def _waits(
    con: DuckDBPyConnection,
    clock: str,
    by: str | None,
    start_on: date | str | None,
    end_on: date | str | None,
) -> pd.DataFrame:
    if clock not in CLOCKS:
        raise UsageError(
            f"There is no clock '{clock}'.{did_you_mean(clock, CLOCKS)} Choose one of: {', '.join(CLOCKS)}."
        )
    return read(
        con,
        WAITS,
        until=term.context(con).seen_until,
        clock=clock,
        by=by if by is None or by in ARRIVALS else term.dimension(by),
        unit_seconds=HOUR,
        start_on=start_on,
        end_on=end_on,
    )


def _curve(value: object, rows: pd.DataFrame, most: int | None) -> pd.DataFrame:
    hours, watched = ages(rows, most)
    curve = _untouched(rows).at(hours * HOUR)
    is_edge = (curve.probability <= 0) | (curve.probability >= 1)
    low, high = stats.wilson(np.round(1 - curve.probability) * watched, watched)
    frame = pd.DataFrame(
        {
            "age_hours": hours,
            "rate": 1 - curve.probability,
            "low": np.where(is_edge, low, 1 - curve.high),
            "high": np.where(is_edge, high, 1 - curve.low),
            "n_at_risk": curve.n_risk,
            "n_watched": watched,
            "n_events": curve.n_event,
        }
    ).assign(**_counts(rows))
    frame.insert(0, "value", pd.Series([value] * len(frame), dtype="object"))
    return whole(frame)


def _wait(rows: pd.DataFrame) -> dict[str, object]:
    curve = _untouched(rows)
    half, *others = (survival.quantile(curve, share) for share in (0.5, 0.25, 0.75, 0.9))
    return {
        "median_hours": half.value / HOUR,
        "median_low": half.low / HOUR,
        "median_high": half.high / HOUR,
        **{name: one.value / HOUR for name, one in zip(("p25", "p75", "p90"), others, strict=True)},
        "is_reached": not math.isnan(half.value),
        **_counts(rows),
    }


def _judged(con: DuckDBPyConnection, frame: pd.DataFrame, told: list[str]) -> pd.DataFrame:
    """Return the frame with its state; without activities in the source nobody is known to be untouched."""
    if missing(con, "activity"):
        return frame.assign(**dict.fromkeys(told, np.nan), state=ABSENT, rule=UNTOLD)
    return frame.assign(state="ok")


def _untouched(rows: pd.DataFrame) -> survival.Curve:
    used = kept(rows)
    return survival.kaplan_meier(used["seconds"], used["is_touched"], used["n"])


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    used = kept(rows)
    n, touched = int(used["n"].sum()), int(used.loc[used["is_touched"], "n"].sum())
    return {
        "n": n,
        "n_touched": touched,
        "n_untouched": n - touched,
        "n_day": int(used.loc[used["is_day"], "n"].sum()),
        "n_left_out": int(rows["n"].sum()) - n,
    }


def _rule(rows: pd.DataFrame, clock: str) -> str:
    counts = _counts(rows)
    hours = "business hours of the contract's calendar" if clock == "business" else "elapsed hours"
    day = f" {number.count(counts['n_day'])} known to the day count at its end." if counts["n_day"] else ""
    return (
        f"From assignment to the first human touch, in {hours}, of {number.count(counts['n'])} hand-offs; "
        f"the {number.count(counts['n_untouched'])} never touched count for as long as they were watched "
        f"(Kaplan-Meier).{day}{left_out(rows)}"
    )
