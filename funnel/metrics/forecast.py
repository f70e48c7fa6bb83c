"""What the young cohorts will come to: chain ladder over the cohorts before them, with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import ladder, number, stats
from funnel.metrics import term, truncation
from funnel.metrics.frame import read, whole

__all__ = ["cohorts"]

LEAST = stats.FEW
YOUNG = 0.1
CELLS = 1_000
ODDS, APART = 0.001, 0.05
COUNTS = ["rate", "low", "high", "expected", "expected_low", "expected_high", "observed_share"]
NO_HISTORY = "no mature history: {} conversions of entries that had the whole window; a forecast needs {}"
NOT_RECORDED = "not recorded: every entry is known only from a later stage"
NO_PACE = "no common pace: some mature cohorts convert early and some late, by more than chance (spread {})"
TOO_YOUNG = "too young: less than {} of its conversions can be seen yet"

ENTRIES = """
with clock as (
    select
        cast($until as timestamp) as until_at, cast($today as date) as today,
        cast($seconds as bigint) as span_seconds, cast($seconds // 86400 as integer) as span_days,
        cast($cell_seconds as bigint) as cell_seconds
),
entrant as (
    select
        e.cycle_id, e.entered_at, e.entered_on, e.entered_precision, e.is_observed, k.*,
        case $period when 'week' then e.week_on when 'month' then e.month_on
            when 'quarter' then e.quarter_on end as period_on
    from marts.stage_entry e
    cross join clock k
    where e.stage = $from_stage and e.entered_at is not null
),
conversion as (
    select
        a.cycle_id,
        min(case when 'day' in (a.entered_precision, s.entered_precision)
            then case when s.entered_on - a.entered_on <= a.span_days
                then (s.entered_on - a.entered_on) * 86400 end
            else case when s.entered_at <= a.entered_at + to_seconds(a.span_seconds)
                then date_diff('second', a.entered_at, s.entered_at) end
        end) as after_seconds
    from entrant a
    join marts.stage_entry s on s.cycle_id = a.cycle_id and s.position >= $to_position
    group by a.cycle_id
),
aged as (
    select
        a.*, c.after_seconds,
        case when a.entered_precision = 'day' then a.entered_on + a.span_days < a.today
            else a.entered_at + to_seconds(a.span_seconds) <= a.until_at end as is_mature,
        case when a.entered_precision = 'day' then (a.today - a.entered_on - 1) * 86400
            else date_diff('second', a.entered_at, a.until_at) end as watched_seconds
    from entrant a
    left join conversion c on c.cycle_id = a.cycle_id
),
placed as (
    select
        *,
        case when is_mature then cast(ceil(span_seconds / cell_seconds) as bigint)
            else greatest(watched_seconds, 0) // cell_seconds end as watched_cell,
        cast(ceil(case when after_seconds < 0 then 0 else after_seconds end / cell_seconds) as bigint)
            as after_cell
    from aged
)
select
    p.starts_on as period_on,
    p.is_complete and bool_and(d.is_mature) over (partition by p.starts_on) as is_mature,
    d.is_observed,
    d.watched_cell,
    case when d.after_cell is not null then least(d.after_cell, d.watched_cell) end as after_cell,
    d.n
from run.period p
cross join run.context x
left join (
    select period_on, is_observed, watched_cell, after_cell, is_mature, count(*) as n from placed group by all
) d on d.period_on = p.starts_on
where p.period = $period and p.starts_at < x.as_of and p.ends_on > (select min(entered_on) from entrant)
order by all
"""


def cohorts(
    con: DuckDBPyConnection, *, from_stage: str, to_stage: str, within_days: float, period: str = "month"
) -> pd.DataFrame:
    """Return one row per period: what its cohort converted, or is to be expected to, within `within_days`.

    The same cohorts and conversions as `conversion.cohorts`; a mature one has its observed rate. A young one:
    conversions so far / sum of G(age) of its members, where G is the share of conversions that have come by
    an age in the cohorts before it (chain ladder); entries known only from a later stage teach nothing about
    time and count as they are. Columns: period_on, n, n_converted (so far), n_imputed (entries known only
    from a later stage); rate with low and high (the rate that such members have; 90 %; Wilson where mature);
    expected (conversions at the end of the window) with expected_low and expected_high (of this very
    cohort); observed_share (the share of its conversions to be expected by now), is_mature, level, note
    (null, or why a number is missing or cannot be compared: no mature history, no common pace, too young, not
    recorded, left truncated, cut), rule. UsageError for an unknown stage or period.
    """
    start, end = term.stage_pair(con, from_stage, to_stage)
    seconds = term.seconds(within_days)
    rows = _entries(con, start, end, seconds, term.period(period))
    frame = _periods(rows)
    frame = frame.assign(note=truncation.notes(con, frame, start, end))
    known = _history(rows, frame, -(-seconds // _cell(seconds)))
    values, notes = _forecasts(frame, known)
    frame = frame.assign(**values, note=notes, level=ladder.LEVEL)
    rule = (
        f"Forecast by chain ladder: {start.title} entries of the {period} that reach {end.title} within "
        f"{within_days:g} days; young ones: so far / the share to be expected by their age. Interval: 90 %."
    )
    order = ["period_on", "n", "n_converted", "n_imputed", *COUNTS, "is_mature", "level", "note"]
    return whole(frame)[order].assign(rule=rule)


def _cell(seconds: int) -> int:
    """Return the width of an age cell: fine enough that rounding an age does not tell."""
    return -(-seconds // CELLS)


def _entries(
    con: DuckDBPyConnection, start: term.Stage, end: term.Stage, seconds: int, period: str
) -> pd.DataFrame:
    clock = term.context(con)
    return read(
        con,
        ENTRIES,
        until=clock.seen_until,
        today=clock.seen_on,
        seconds=seconds,
        cell_seconds=_cell(seconds),
        period=period,
        from_stage=start.name,
        to_position=end.position,
    )


def _periods(rows: pd.DataFrame) -> pd.DataFrame:
    counted = rows.assign(
        n_converted=rows["n"].where(rows["after_cell"].notna(), 0),
        n_imputed=rows["n"].where(rows["is_observed"].eq(False).fillna(False), 0),
        is_mature=rows["is_mature"].eq(True).fillna(False).astype(bool),
    )
    grouped = counted.groupby("period_on", as_index=False, sort=True)
    names = ("n", "n_converted", "n_imputed")
    return grouped.agg(**{name: (name, "sum") for name in names}, is_mature=("is_mature", "first"))


def _history(rows: pd.DataFrame, frame: pd.DataFrame, last: int) -> ladder.Cohorts:
    """Return the counts of observed entries by period and age cell."""
    used = rows[rows["is_observed"].eq(True).fillna(False)]
    place = np.searchsorted(frame["period_on"].to_numpy(), used["period_on"].to_numpy())
    came = used["after_cell"].notna().to_numpy()
    n = used["n"].to_numpy(dtype="float64")
    watched, converted, settled = np.zeros((3, len(frame), last + 1))
    until = used["watched_cell"].to_numpy(dtype="int64")
    np.add.at(watched, (place, until), n)
    np.add.at(settled, (place[came], until[came]), n[came])
    after = used["after_cell"].to_numpy(dtype="float64")[came].astype("int64")
    np.add.at(converted, (place[came], after), n[came])
    return ladder.Cohorts(watched, converted, settled)


def _forecasts(frame: pd.DataFrame, known: ladder.Cohorts) -> tuple[pd.DataFrame, pd.Series[str]]:
    """Return the numbers of each cohort, and the notes with why one is missing."""
    is_sound = ~frame["note"].fillna("").str.startswith("left truncated").to_numpy()
    history = ladder.Cohorts(known.watched[is_sound], known.converted[is_sound], known.settled[is_sound])
    values, notes = _observed(frame), frame["note"].copy()
    unseen = frame.index[(frame["n"] > 0) & (frame["n"] == frame["n_imputed"])]
    values.loc[unseen] = np.nan
    notes[unseen] = _also(notes[unseen], NOT_RECORDED)
    young = frame.index[~frame["is_mature"] & (frame["n"] > frame["n_imputed"])]
    mature = history.settled[:, -1].sum()
    if mature < LEAST:
        notes[young] = _also(notes[young], NO_HISTORY.format(number.count(mature), LEAST))
        return values, notes
    steps = ladder.ladder(history)
    whole_seen = frame["is_mature"].to_numpy()[is_sound]
    apart, odds = ladder.spread_of_pace(history.converted[whole_seen], steps.growth)
    if odds < ODDS and apart > APART:
        notes[young] = _also(notes[young], NO_PACE.format(number.rate(apart)))
        return values, notes
    for row in young:
        found = ladder.forecast(steps, known.watched[row], known.settled[row])
        values.loc[row] = _whole(found, frame.loc[row])
    early = young[values.loc[young, "observed_share"] < YOUNG]
    values.loc[early, ["rate", "expected"]] = np.nan
    notes[early] = _also(notes[early], TOO_YOUNG.format(number.rate(YOUNG)))
    return values, notes


def _whole(found: ladder.Forecast, cohort: pd.Series[int]) -> list[float]:
    """Return the forecast of a cohort from that of its observed entries.

    Those known only from a later stage have converted, or not, by what made them known.
    """
    n, unseen = cohort["n"], cohort["n_imputed"]
    more = cohort["n_converted"] - found.n_converted
    rates = [(rate * (n - unseen) + more) / n for rate in (found.rate, found.low, found.high)]
    counts = [count + more for count in (found.expected, found.expected_low, found.expected_high)]
    return [*rates, *counts, found.seen_share]


def _observed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what the mature cohorts have shown; the others are null."""
    seen = frame[["n", "n_converted"]].where(frame["is_mature"])
    low, high = stats.wilson(seen["n_converted"], seen["n"], level=ladder.LEVEL)
    values = {"rate": stats.rate(seen["n_converted"], seen["n"]), "low": low, "high": high}
    frame = pd.DataFrame(values, index=frame.index)
    for name in ("expected", "expected_low", "expected_high"):
        frame[name] = seen["n_converted"].astype("float64")
    return frame.assign(observed_share=np.where(seen["n"] > 0, 1.0, np.nan))


def _also(notes: pd.Series[str], text: str) -> pd.Series[str]:
    """Return notes with one more."""
    return (notes + "; ").fillna("") + text
