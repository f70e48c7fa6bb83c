"""The same question under each choice: the five conventions, the orders, the funnel of one order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from duckdb import DuckDBPyConnection

from funnel import stats
from funnel.metrics import convention as words
from funnel.metrics import pair, share, span, term
from funnel.metrics.frame import whole


def conventions(
    con: DuckDBPyConnection,
    *,
    from_stage: str,
    to_stage: str,
    within_days: float,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per convention, all of the same two stages and span: their numbers side by side.

    By default the span is the latest mature three months (the snapshot is always of now). Columns: title,
    counted (the rule without it), start_on, end_on, and those of `rate` without period and segments.
    UsageError for an unknown stage.
    """
    start_on, end_on = span.asked(con, from_stage, term.seconds(within_days), start_on, end_on)
    rows = []
    every: dict[str, Any] = {"from_stage": from_stage, "to_stage": to_stage}
    for one in words.CONVENTIONS.values():
        days = {} if one.name == "snapshot" else {"start_on": start_on, "end_on": end_on}
        window = {"within_days": within_days} if one.has_window else {}
        given = every | days | window
        row = share.rate(con, convention=one.name, **given)
        rows.append(row.assign(title=one.title))
    frame = pd.concat([row.astype("object") for row in rows], ignore_index=True).infer_objects()
    of_now = frame["convention"] == "snapshot"
    ends = {"start_on": span.parsed(start_on), "end_on": span.parsed(end_on)}
    frame = frame.assign(
        **{name: pd.Series(day, index=frame.index).mask(of_now) for name, day in ends.items()}
    )
    frame = frame.assign(counted=[rule.partition(": ")[2] for rule in frame["rule"]])
    return frame[["title", "counted", "start_on", "end_on", *share.COUNTS, *share.JUDGED, *share.CHOICES]]


def orders(
    con: DuckDBPyConnection,
    *,
    from_stage: str,
    to_stage: str,
    within_days: float,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per order of events: how many of the same cohort each lets count, and its words.

    Rows: implied (a later stage proves the earlier ones), in order and any order (stages between may be
    skipped), strict (each stage the very next event). Cohort convention, entries old enough, by default of
    the latest mature three months. Columns: those of `rate` without period and segments. UsageError for an
    unknown stage.
    """
    start_on, end_on = span.asked(con, from_stage, term.seconds(within_days), start_on, end_on)
    given: dict[str, Any] = {"from_stage": from_stage, "to_stage": to_stage, "within_days": within_days}
    given |= {"start_on": start_on, "end_on": end_on}
    rows = [share.rate(con, convention="cohort", order=name, **given) for name in words.ORDERS]
    return pd.concat(rows, ignore_index=True)[
        ["order", "skips", *share.COUNTS, *share.JUDGED, "within_days", "rule"]
    ]


def paths(
    con: DuckDBPyConnection,
    *,
    from_stage: str,
    within_days: float,
    order: str,
    start_on: span.Day = None,
    end_on: span.Day = None,
) -> pd.DataFrame:
    """Return one row per stage: the funnel of a cohort under one order, each stage needing all before it.

    Skips are refused (but for 'implied'), so that counts never rise along the funnel. Entries old enough, by
    default of the latest mature three months. Columns: position, stage, title, n (got this far), n_entered
    (the cohort), n_observed, n_imputed, n_impossible, n_young, next_rate with next_low and next_high, rate
    (of the cohort) with low and high, is_mature, order, within_days, rule. UsageError for an unknown word.
    """
    ladder = term.stages(con)
    start, end = term.stage_pair(con, from_stage, ladder[-1].name)
    refused = None if order == words.IMPLIED else words.REFUSED
    asked = share.question(con, "cohort", start.name, end.name, None, (), within_days, order, refused)
    start_on, end_on = span.asked(con, from_stage, asked.seconds, start_on, end_on)
    later = [one.name for one in ladder if one.position > start.position]
    frame = pair.cells(con, asked, to_stages=later, start_on=start_on, end_on=end_on, mature_only=True)
    rule = words.rule(replace(asked, end=replace(end, title="each stage")), span.words(start_on, end_on))
    return _stepped(frame, [one for one in ladder if one.position >= start.position]).assign(
        order=asked.order, within_days=within_days, rule=rule
    )


def _stepped(frame: pd.DataFrame, ladder: list[term.Stage]) -> pd.DataFrame:
    """Put the cohort itself on top, and count each stage beside the one before it."""
    goals = pd.DataFrame([{"position": s.position, "stage": s.name, "title": s.title} for s in ladder])
    counts = ["n_converted", "n_observed", "n_imputed", "n_impossible", "n", "n_young"]
    joined = goals.merge(frame[["stage", *counts, "n_entry_imputed"]], on="stage", how="left")
    entered = joined["n"].max() if joined["n"].notna().any() else 0
    first = {"n_converted": entered, "n_imputed": joined["n_entry_imputed"].max()}
    first["n_observed"] = entered - (0 if pd.isna(first["n_imputed"]) else first["n_imputed"])
    for name, value in first.items():
        joined.loc[0, name] = value
    joined = whole(joined.assign(n_entered=entered, n=joined["n_converted"], n_young=joined["n_young"].max()))
    after = joined["n"].shift(-1)
    names = ("next_rate", "next_low", "next_high")
    joined = stats.with_rate(joined.assign(after=after), "after", "n", names=names)
    joined = stats.with_rate(joined, "n", "n_entered").assign(is_mature=entered > 0)
    columns = ["position", "stage", "title", "n", "n_entered", "n_observed", "n_imputed", "n_impossible"]
    return joined[[*columns, "n_young", *names, "rate", "low", "high", "is_mature"]]
