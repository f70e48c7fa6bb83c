"""Why a conversion rate changed between two cohorts: other people came, or the same kind converted otherwise.

Kitagawa (1955) splits the difference of two rates over segments with shares s and rates r exactly:
mix = sum (s1 - s0)(r0 + r1)/2, rates = sum (r1 - r0)(s0 + s1)/2; for two factors that equals the Shapley
value and Das Gupta (1993). A segment that is missing in one of the cohorts has no rate there and counts as
mix alone. Intervals by the delta method, with multinomial shares and binomial rates.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from funnel import stats
from funnel.errors import UsageError
from funnel.metrics import share, span, term

Z = 1.959963984540054
WHOLE = "all"

Floats = NDArray[np.float64]
Span = tuple[span.Day, span.Day]


def mix(
    con: DuckDBPyConnection,
    *,
    by: str | Iterable[str],
    from_stage: str,
    to_stage: str,
    within_days: float,
    now: Span | None = None,
    before: Span | None = None,
    order: str = "in order",
) -> pd.DataFrame:
    """Return one row per segment, largest first, and one for the whole: a change of rate, split exactly.

    `now` and `before` are [start, end) of the entries; by default the latest mature three months and the
    three before. Columns: segment (values joined; null where the source has none), is_total, n_before,
    n_converted_before, rate_before, share_before, the same for n, n_converted, rate, share; mix and
    rate_effect (each column adds to its total, and both totals to the change), change; of the total row
    mix_low, mix_high, rate_effect_low, rate_effect_high, change_low, change_high (95 %); is_reversed (the
    whole moved against every segment), start_on, end_on, before_on, before_end_on, order, rule. UsageError
    for an unknown word, or a cohort that is not mature.
    """
    now, before = _spans(con, from_stage, within_days, now, before)
    given: dict[str, Any] = {
        "by": by,
        "from_stage": from_stage,
        "to_stage": to_stage,
        "within_days": within_days,
    }
    sides = [_side(con, days, order=order, **given) for days in (before, now)]
    keys = [str(name) for name in sides[0] if name not in ("n", "n_converted")]
    joined = sides[0].merge(sides[1], on=keys, how="outer", suffixes=("_before", ""))
    frame = parted(joined.assign(segment=_named(joined[keys])).drop(columns=keys))
    days = dict(zip(("start_on", "end_on", "before_on", "before_end_on"), map(span.parsed, (*now, *before)),
                    strict=True))  # fmt: skip
    return frame.assign(**days, order=order, rule=_rule(con, from_stage, to_stage, within_days, keys))


def parted(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts by segment (segment, n_before, n_converted_before, n, n_converted) with their split."""
    names = ["n_before", "n_converted_before", "n", "n_converted"]
    frame = counts.assign(**{name: counts[name].fillna(0).astype("int64") for name in names})
    frame = frame.sort_values(["n", "n_before", "segment"], ascending=[False, False, True], kind="stable")
    total = pd.DataFrame([{name: frame[name].sum() for name in names} | {"segment": WHOLE}])
    frame = pd.concat([frame, total], ignore_index=True)[["segment", *names]]
    frame = frame.assign(is_total=[False] * (len(frame) - 1) + [True])
    for suffix in ("_before", ""):
        n, converted = frame[f"n{suffix}"], frame[f"n_converted{suffix}"]
        shares = stats.rate(n, [n.iloc[-1]] * len(n))
        frame = frame.assign(**{f"rate{suffix}": stats.rate(converted, n), f"share{suffix}": shares})
    return _with_intervals(_with_parts(frame))


def _spans(
    con: DuckDBPyConnection, from_stage: str, within_days: float, now: Span | None, before: Span | None
) -> tuple[Span, Span]:
    """Return both spans; where no month is mature yet and none was chosen, nothing is compared."""
    if now is None:
        now = span.mature(con, from_stage, term.seconds(within_days))
    return now, span.before(now[0]) if before is None else before


def _side(
    con: DuckDBPyConnection,
    days: Span,
    *,
    by: str | Iterable[str],
    from_stage: str,
    to_stage: str,
    within_days: float,
    order: str,
) -> pd.DataFrame:
    """Return n and n_converted by segment of one cohort; UsageError unless all of it had the window."""
    frame = share.rate(
        con,
        convention="cohort_to_date",
        by=by,
        from_stage=from_stage,
        to_stage=to_stage,
        within_days=within_days,
        order=order,
        start_on=days[0],
        end_on=days[1],
    )
    if not frame["is_mature"].all():
        raise UsageError(
            f"Entries {span.words(*days)} did not all have {within_days:g} days before the report, so their "
            "rate cannot be compared with another. Choose an earlier span or a shorter window, or compare "
            "cohorts at one age: conversion.same_age."
        )
    keys = list(frame)[2 : list(frame).index("n")]
    return frame[[*keys, "n", "n_converted"]]


def _with_parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Split by Kitagawa; mix is set against the mean of both whole rates, which leaves its sum as it is."""
    rows = frame[~frame["is_total"]]
    r0 = rows["rate_before"].fillna(rows["rate"]).fillna(0.0)
    r1 = rows["rate"].fillna(rows["rate_before"]).fillna(0.0)
    centre = frame[["rate_before", "rate"]].iloc[-1].mean(skipna=False)
    moved = (rows["share"] - rows["share_before"]) * ((r0 + r1) / 2 - centre)
    changed = (r1 - r0) * (rows["share"] + rows["share_before"]) / 2
    known = pd.notna(centre)
    parts = {
        name: [*part, part.sum(skipna=False) if known else np.nan]
        for name, part in (("mix", moved), ("rate_effect", changed))
    }
    frame = frame.assign(**parts)
    return frame.assign(
        change=frame["mix"] + frame["rate_effect"], is_reversed=_reversed(rows, r0, r1, frame)
    )


def _reversed(rows: pd.DataFrame, r0: pd.Series[float], r1: pd.Series[float], frame: pd.DataFrame) -> bool:
    """Say whether the whole moved against every segment that was there both times (Simpson's reversal)."""
    both = (rows["n"] > 0) & (rows["n_before"] > 0)
    moves = np.sign((r1 - r0)[both])
    whole = np.sign(frame["rate"].iloc[-1] - frame["rate_before"].iloc[-1])
    return bool(len(moves) and whole != 0 and (moves == -whole).all())


def _with_intervals(frame: pd.DataFrame) -> pd.DataFrame:
    rows, last = frame[~frame["is_total"]], frame.index[-1]
    change = ["n_converted", "n", "n_converted_before", "n_before"]
    _, low, high = stats.newcombe(*(frame.loc[[last], name] for name in change))
    ends = {"change": (low[0], high[0])} | _delta(rows, frame)
    for name, (low, high) in ends.items():
        frame.loc[last, [f"{name}_low", f"{name}_high"]] = (low, high)
    return frame


def _delta(rows: pd.DataFrame, frame: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return the intervals of both totals: the variance of a function of shares and rates, to first order."""
    r0 = rows["rate_before"].fillna(rows["rate"]).fillna(0.0).to_numpy(dtype="float64")
    r1 = rows["rate"].fillna(rows["rate_before"]).fillna(0.0).to_numpy(dtype="float64")
    s0, s1 = (rows[name].to_numpy(dtype="float64") for name in ("share_before", "share"))
    n0, n1 = (float(frame[name].iloc[-1]) for name in ("n_before", "n"))
    if not n0 or not n1:
        return dict.fromkeys(("mix", "rate_effect"), (np.nan, np.nan))
    middle, gap, moved = (r0 + r1) / 2, (r1 - r0) / 2, (s1 - s0) / 2
    sides = {"mix": (middle, moved, moved), "rate_effect": (gap, (s0 + s1) / 2, (s0 + s1) / 2)}
    result = {}
    for name, (by_share, before, after) in sides.items():
        spread = _variance(by_share, before, s0, r0) / n0 + _variance(by_share, after, s1, r1) / n1
        middle_of, reach = float(frame[name].iloc[-1]), Z * float(np.sqrt(spread))
        result[name] = (middle_of - reach, middle_of + reach)
    return result


def _variance(by_share: Floats, by_rate: Floats, shares: Floats, rates: Floats) -> float:
    """Return the variance of one lead's influence, by how the result depends on each share and rate."""
    there = shares > 0
    mean = float((shares * by_share).sum())
    of_shares = float((shares * (by_share - mean) ** 2).sum())
    of_rates = (by_rate[there] ** 2 / shares[there] * rates[there] * (1 - rates[there])).sum()
    return of_shares + float(of_rates)


def _named(keys: pd.DataFrame) -> pd.Series[str]:
    """Return one name per segment; a single null stays null, in several it is a dash."""
    if len(keys.columns) == 1:
        return keys.iloc[:, 0]
    return keys.fillna("\N{EN DASH}").agg(" / ".join, axis=1)


def _rule(
    con: DuckDBPyConnection, from_stage: str, to_stage: str, within_days: float, keys: list[str]
) -> str:
    start, end = term.stage_pair(con, from_stage, to_stage)
    return (
        f"Change of the cohort conversion {start.title} to {end.title} within {within_days:g} days between "
        f"two mature cohorts, by {' and '.join(key.replace('_', ' ') for key in keys)}: mix = other people "
        "came, rate = the same kind of people converted otherwise (Kitagawa 1955). Both add up to the change."
    )
