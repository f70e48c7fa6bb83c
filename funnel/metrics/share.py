"""Conversion between any two stages, by segment and period, under a named convention."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.errors import UsageError
from funnel.metrics import convention as words
from funnel.metrics import flow, pair, span, term, truncation
from funnel.metrics.frame import read, whole

PERIODS = """
select p.starts_on as period_on, p.ends_on, p.hours, p.is_complete
from run.period p
cross join run.context c
where p.period = $period
    and p.starts_at < c.as_of
    and p.ends_on > coalesce(cast($start_on as date), (
        select min(entered_on)
        from marts.stage_entry
        where stage in ($from_stage, $to_stage) and entered_at is not null
            and (is_observed or $order = 'implied')
    ))
    and p.starts_on < coalesce(cast($end_on as date), p.ends_on)
order by p.starts_on
"""

LOST = """
select 1 from marts.cycle where exit <> 'won' limit 1
"""
ONLY_WON = "undefined: no exit but won is recorded, so that all closed were won"

FOLLOWED = ["n_skipped", "n_entry_imputed", "n_young"]
COUNTS = ["n", "n_persons", "n_first", "n_repeat", "n_converted", "n_observed", "n_imputed"]
COUNTS += ["n_impossible", *FOLLOWED]
JUDGED = ["rate", "low", "high", "is_mature", "observed_share", "note"]
CHOICES = ["convention", "order", "skips", "within_days", "rule"]


def rate(
    con: DuckDBPyConnection,
    *,
    convention: str,
    from_stage: str,
    to_stage: str,
    period: str | None = None,
    by: str | Iterable[str] = (),
    within_days: float | None = None,
    order: str | None = None,
    skips: str | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per period and segment: the conversion from one stage to another under a convention.

    `convention`: 'cohort', 'cohort_to_date', 'period', 'closed_cohort', 'snapshot' (METHODS section 2); the
    first two need `within_days` and take `order` ('in order', 'any order', 'strict', 'implied') and `skips`
    ('allowed', 'refused'). `period`: 'week', 'month', 'quarter' or none; `by`: any dimensions, and 'pass'.
    Columns: period_on, hours (length of the period), one per segment column, n (the base), n_persons,
    n_first, n_repeat, n_converted, n_observed, n_imputed, n_impossible, n_skipped, n_entry_imputed, n_young
    (null where nobody is followed), rate, low, high, is_mature, observed_share, note, convention, order,
    skips, within_days, rule. A cohort that is not mature has no rate; without a period its young entries are
    left out (n_young). UsageError for an unknown word or a choice that the convention has no use for.
    """
    asked = question(con, convention, from_stage, to_stage, period, by, within_days, order, skips)
    if convention == "snapshot" and (period or start_on or end_on):
        raise UsageError(
            "A snapshot is of one instant, the as_of of the build, and has no period or span. Leave period, "
            "start_on and end_on out, or build with another as_of."
        )
    days: dict[str, Any] = {"start_on": start_on, "end_on": end_on}
    if asked.convention.has_window:
        young = period is None and convention == "cohort"
        frame = pair.cells(con, asked, mature_only=young, **days).drop(columns=["stage", "position"])
    else:
        frame = flow.cells(con, asked, **days)
    frame = _over_periods(con, _chosen(frame, asked), asked, **days)
    frame = _judged(con, frame, asked)
    when = f"in each {period}" if period else span.words(start_on, end_on)
    return frame.assign(rule=words.rule(asked, when))


def question(
    con: DuckDBPyConnection,
    convention: str,
    from_stage: str,
    to_stage: str,
    period: str | None,
    by: str | Iterable[str],
    within_days: float | None,
    order: str | None,
    skips: str | None,
) -> words.Asked:
    """Return a question with all its words checked; UsageError for the first that is wrong."""
    one = words.convention(convention)
    start, end = term.stage_pair(con, from_stage, to_stage)
    term.seconds(within_days if within_days is not None else 1)
    events = words.order(one, order)
    return words.Asked(
        convention=one,
        start=start,
        end=end,
        period=None if period is None else term.period(period),
        by=words.splits(by),
        within_days=words.window(one, within_days),
        order=events,
        skips=words.skips(one, skips, events),
    )


def _chosen(frame: pd.DataFrame, asked: words.Asked) -> pd.DataFrame:
    """Keep the segment columns asked; without segments and periods there is always one row."""
    counts = [
        str(name) for name in frame if str(name).startswith("n") or name in ("is_mature", "observed_share")
    ]
    frame = frame[["period_on", *asked.by, *counts]]
    if frame.empty and asked.period is None and not asked.by:
        frame = frame.reindex([0])
    missing = {name: None for name in FOLLOWED if name not in frame}
    return whole(frame).assign(**{name: pd.array([pd.NA] * len(frame), dtype="Int64") for name in missing})


def _over_periods(
    con: DuckDBPyConnection, frame: pd.DataFrame, asked: words.Asked, *, start_on: span.Day, end_on: span.Day
) -> pd.DataFrame:
    """Join the periods; without segments also those in which nobody entered."""
    if asked.period is None:
        until = span.parsed(end_on)
        is_complete = until is None or until <= pd.Timestamp(term.context(con).today)
        return frame.assign(hours=None, is_complete=is_complete)
    days = {"start_on": start_on, "end_on": end_on}
    stages = {"from_stage": asked.start.name, "to_stage": asked.end.name}
    periods = read(con, PERIODS, period=asked.period, order=asked.order, **stages, **days)
    frame = frame.assign(period_on=frame["period_on"].astype(periods["period_on"].dtype))
    joined = periods.merge(frame, on="period_on", how="inner" if asked.by else "left")
    return _whole(joined)


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Return counts as whole numbers, those that do not apply (all null) left null."""
    kept = frame[[name for name in FOLLOWED if frame[name].isna().all()]]
    return whole(frame).assign(**{str(name): kept[name].astype("Int64") for name in kept})


def _judged(con: DuckDBPyConnection, frame: pd.DataFrame, asked: words.Asked) -> pd.DataFrame:
    one = asked.convention
    frame = _aged(frame, one)
    frame = stats.with_rate(frame, "n_converted", "n") if one.is_share else _ratio(frame)
    if one.name == "cohort":
        young = ~frame["is_mature"] & (asked.period is not None)
        frame = frame.assign(**{name: frame[name].mask(young) for name in ("rate", "low", "high")})
    frame = frame.assign(note=_notes(con, frame, asked))
    if one.name == "closed_cohort" and not con.execute(LOST).fetchall():
        frame = frame.assign(rate=float("nan"), low=float("nan"), high=float("nan"), note=ONLY_WON)
    choices = {"convention": one.name, "order": asked.order, "skips": asked.skips}
    frame = frame.assign(**choices, within_days=asked.within_days)
    return frame[["period_on", "hours", *asked.by, *COUNTS, *JUDGED, *CHOICES[:-1]]]


def _aged(frame: pd.DataFrame, one: words.Convention) -> pd.DataFrame:
    """Say of each cell whether it is over: of a cohort, whether all had the window; a snapshot never is."""
    if one.has_window:
        mature = frame["is_mature"].eq(True) & frame["is_complete"].eq(True)
        return frame.assign(is_mature=mature)
    over = None if one.name == "snapshot" else frame["is_complete"].eq(True)
    return frame.assign(is_mature=over, observed_share=float("nan"))


def _ratio(frame: pd.DataFrame) -> pd.DataFrame:
    unknown = float("nan")
    return frame.assign(rate=stats.rate(frame["n_converted"], frame["n"]), low=unknown, high=unknown)


def _notes(con: DuckDBPyConnection, frame: pd.DataFrame, asked: words.Asked) -> pd.Series[str]:
    if asked.period is None or not asked.convention.has_window:
        return pd.Series(None, index=frame.index, dtype="object")
    return truncation.notes(con, frame, asked.start, asked.end)
