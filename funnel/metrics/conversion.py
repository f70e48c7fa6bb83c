"""How many came further: conversion by named conventions, with n and interval beside every rate."""

from __future__ import annotations

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import number, stats
from funnel.metrics import cohort, span, term, truncation
from funnel.metrics.choice import conventions, orders, paths
from funnel.metrics.entries import entries, imputation, imputed, standing
from funnel.metrics.frame import read
from funnel.metrics.mix import mix
from funnel.metrics.reach import reached, to_date
from funnel.metrics.same_age import same_age
from funnel.metrics.segment import segments
from funnel.metrics.share import rate

__all__ = [
    "by_dimension",
    "cohorts",
    "conventions",
    "course",
    "entries",
    "funnel",
    "funnel_compared",
    "imputation",
    "mix",
    "orders",
    "paths",
    "rate",
    "reached",
    "same_age",
    "segments",
    "standing",
    "to_date",
]

PERIODS = """
select p.starts_on as period_on, p.ends_on, p.is_complete
from run.period p
cross join run.context c
where p.period = $period
    and p.starts_at < c.as_of
    and p.ends_on > (
        select min(entered_on) from marts.stage_entry where stage = $stage and entered_at is not null
    )
order by p.starts_on
"""

COHORT = ["n", "n_persons", "n_converted", "n_imputed", "n_impossible", "rate", "low", "high"]


def funnel(
    con: DuckDBPyConnection,
    *,
    from_stage: str | None = None,
    start_on: span.Day = None,
    end_on: span.Day = None,
    within: float | None = None,
) -> pd.DataFrame:
    """Return one row per stage: how far the cycles came that entered `from_stage` in [start_on, end_on).

    Cohort convention, order 'implied': a later stage implies the earlier ones. Defaults: the first stage; the
    three months that end with the latest mature month; the contract's horizon (`within` is in days).
    Columns: position, stage, title, n, n_observed, n_imputed,
    n_impossible, n_persons (in the cohort), next_rate (share of n at the next stage) with next_low and
    next_high, rate (of the cohort) with low and high; how those ended who came no further: n_rejected,
    n_recycled, n_lost, n_open, of which n_stale; is_mature, observed_share, start_on, end_on, within_days,
    rule. UsageError for an unknown stage.
    """
    known = term.stages(con)
    start = term.stage(con, from_stage) if from_stage else known[0]
    seconds = term.seconds(term.context(con).horizon_days if within is None else within)
    start_on, end_on = span.asked(con, start.name, seconds, start_on, end_on)
    frame = cohort.reached(con, from_stage=start.name, seconds=seconds, start_on=start_on, end_on=end_on)
    if frame.empty:
        frame = _nobody(frame, [one for one in known if one.position >= start.position])
    days = seconds / term.DAY_SECONDS
    limits = {"start_on": span.parsed(start_on), "end_on": span.parsed(end_on), "within_days": days}
    return _with_steps(frame).assign(**limits, rule=_rule(start, start_on, end_on, days, frame))


def funnel_compared(con: DuckDBPyConnection, *, from_stage: str | None = None) -> pd.DataFrame:
    """Return one row per stage: the latest mature three months beside the three months before them.

    Columns: position, stage, title; n, rate, low, high, next_rate and the same with _before; change
    (difference of the two rates) with change_low and change_high (Newcombe), next_change with
    next_change_low and next_change_high; start_on, end_on, before_on, rule. UsageError for an unknown
    stage.
    """
    now = funnel(con, from_stage=from_stage)
    before = _before(con, from_stage, now)
    columns = ["n", "rate", "low", "high", "next_rate"]
    frame = now[["position", "stage", "title", *columns]]
    frame = frame.assign(**{f"{name}_before": before[name] for name in columns})
    frame = _with_change(frame, now["n"], before["n"])
    spans = {"start_on": now["start_on"], "end_on": now["end_on"], "before_on": before["start_on"]}
    return frame.assign(**spans, rule=now["rule"])


def cohorts(
    con: DuckDBPyConnection, *, from_stage: str, to_stage: str, within_days: float, period: str = "month"
) -> pd.DataFrame:
    """Return one row per period: of those who entered `from_stage` in it, the share at `to_stage` in time.

    From the first period with an entry to the one that holds as_of. Columns: period_on, n, n_persons,
    n_converted, n_imputed, n_impossible, rate, low, high, is_mature (the period is over and all had the
    window before as_of), observed_share (of the window, 0-1), note (null, or why it cannot be compared:
    left truncated or cut), rule. An immature row is "cohort to date". UsageError for an unknown stage or
    period.
    """
    start, end = term.stage_pair(con, from_stage, to_stage)
    joined = course(
        con, from_stage=from_stage, to_stage=to_stage, within_days=within_days, period=term.period(period)
    )
    joined = joined.assign(note=truncation.notes(con, joined, start, end))
    rule = (
        f"Cohort conversion: {start.title} entries of the {period} that reached {end.title} within "
        f"{within_days:g} days; younger ones are not yet mature."
    )
    return joined[["period_on", *COHORT, "is_mature", "observed_share", "note"]].assign(rule=rule)


def course(
    con: DuckDBPyConnection, *, from_stage: str, to_stage: str, within_days: float, period: str
) -> pd.DataFrame:
    """Return the numbers of `cohorts` without its note and rule."""
    seconds = term.seconds(within_days)
    frame = cohort.reached(con, from_stage=from_stage, seconds=seconds, by=period)
    frame = frame[frame["stage"] == to_stage].rename(columns={"n": "n_converted", "n_entered": "n"})
    joined = _over_periods(read(con, PERIODS, period=period, stage=from_stage), frame)
    return stats.with_rate(joined, "n_converted", "n")


def by_dimension(
    con: DuckDBPyConnection,
    *,
    from_stage: str,
    to_stage: str,
    within_days: float,
    dimension: str,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per value of a dimension, largest first: cohort conversion of the mature entries.

    A null value stays null and apart from 'unknown'. Columns: value, n, n_persons, n_converted, n_imputed,
    n_impossible, rate, low, high, limit_low, limit_high (99.8 %, widened for over-dispersion), is_outside,
    is_small (n < 10: show its range only), rule. UsageError for an unknown stage or dimension.
    """
    start, end = term.stage_pair(con, from_stage, to_stage)
    by, seconds = term.dimension(dimension), term.seconds(within_days)
    chosen = {"start_on": start_on, "end_on": end_on}
    frame = cohort.reached(con, from_stage=start.name, seconds=seconds, by=by, mature_only=True, **chosen)
    frame = frame[frame["stage"] == end.name]
    frame = frame.rename(columns={"label": "value", "n": "n_converted", "n_entered": "n"})
    frame = frame.sort_values(["n", "value"], ascending=[False, True], kind="stable", ignore_index=True)
    frame = stats.with_limits(stats.with_rate(frame, "n_converted", "n"), "n_converted", "n")
    rule = (
        f"Cohort conversion: {start.title} entries at least {within_days:g} days old that reached "
        f"{end.title} within {within_days:g} days, by {dimension.replace('_', ' ')}."
    )
    limits = ["limit_low", "limit_high", "is_outside", "is_small"]
    return frame[["value", *COHORT, *limits]].assign(rule=rule)


def _before(con: DuckDBPyConnection, from_stage: str | None, now: pd.DataFrame) -> pd.DataFrame:
    start_on = now["start_on"].iloc[0]
    if not now["is_mature"].iloc[0]:
        return funnel(con, from_stage=from_stage, start_on=span.NEVER, end_on=span.NEVER)
    before_on, until_on = span.before(start_on)
    return funnel(con, from_stage=from_stage, start_on=before_on, end_on=until_on)


def _nobody(frame: pd.DataFrame, known: list[term.Stage]) -> pd.DataFrame:
    rows = [{"position": one.position, "stage": one.name, "title": one.title} for one in known]
    counts = {str(name): 0 for name in frame if str(name) == "n" or str(name).startswith("n_")}
    return pd.DataFrame(rows).reindex(columns=list(frame)).assign(**counts, is_mature=False)


def _with_steps(frame: pd.DataFrame) -> pd.DataFrame:
    after = frame["n"].shift(-1)
    low, high = stats.wilson(after, frame["n"])
    steps = {"next_rate": stats.rate(after, frame["n"]), "next_low": low, "next_high": high}
    frame = stats.with_rate(frame.assign(**steps), "n", "n_entered")
    first = ["position", "stage", "title", "n", "n_observed", "n_imputed", "n_impossible", "n_persons"]
    rates = ["next_rate", "next_low", "next_high", "rate", "low", "high"]
    ends = ["n_rejected", "n_recycled", "n_lost", "n_open", "n_stale", "is_mature", "observed_share"]
    return frame[[*first, *rates, *ends]]


def _over_periods(periods: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.assign(period_on=pd.to_datetime(frame["label"]).astype(periods["period_on"].dtype))
    joined = periods.merge(frame, on="period_on", how="left")
    counts = [name for name in COHORT if name.startswith("n")]
    joined[counts] = joined[counts].fillna(0).astype("int64")
    return joined.assign(is_mature=joined["is_mature"].eq(True) & joined["is_complete"])


def _with_change(frame: pd.DataFrame, now: pd.Series[int], before: pd.Series[int]) -> pd.DataFrame:
    every, every_before = [now.iloc[0]] * len(now), [before.iloc[0]] * len(before)
    changes = {
        "": stats.newcombe(now, every, before, every_before),
        "next_": stats.newcombe(now.shift(-1), now, before.shift(-1), before),
    }
    for prefix, (middle, low, high) in changes.items():
        name = f"{prefix}change"
        frame = frame.assign(**{name: middle, f"{name}_low": low, f"{name}_high": high})
    return frame


def _rule(start: term.Stage, start_on: span.Day, end_on: span.Day, days: float, frame: pd.DataFrame) -> str:
    known = start_on is not None and end_on is not None
    when = f" of {number.span(span.parsed(start_on), span.parsed(end_on))}" if known else ""
    return (
        f"Cohort conversion: {start.title} entries{when}, and what each reached within {days:g} days of it; "
        f"a later stage implies the earlier ones. {_imputed(frame)}"
    )


def _imputed(frame: pd.DataFrame) -> str:
    """Return how much of the counts rests on implication: the stage where it is most."""
    most = frame.loc[[frame["n_imputed"].idxmax()]].to_dict("records")[0] if len(frame) else {}
    return (
        imputed(most["title"], most["n"], most["n_imputed"]) if most.get("n_imputed") else "None is imputed."
    )
